import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedAlertOutbox } from '../../../src/adapters/embedded/alerts/embedded-alert-outbox.js';
import { EmbeddedApiKeys } from '../../../src/adapters/embedded/access/embedded-api-keys.js';
import { EmbeddedArchive } from '../../../src/adapters/embedded/inbox/embedded-archive.js';
import { EmbeddedFailedReplays } from '../../../src/adapters/embedded/failures/embedded-failed-replays.js';
import { EmbeddedFailureGroups } from '../../../src/adapters/embedded/failures/embedded-failure-groups.js';
import { EmbeddedFailureSets } from '../../../src/adapters/embedded/failures/embedded-failure-sets.js';
import { EmbeddedFailureSweep } from '../../../src/adapters/embedded/retention/embedded-failure-sweep.js';
import { EmbeddedGroupCountStore } from '../../../src/adapters/embedded/failures/embedded-group-count-store.js';
import { EmbeddedGroups } from '../../../src/adapters/embedded/log/embedded-groups.js';
import { EmbeddedInboxReader } from '../../../src/adapters/embedded/inbox/embedded-inbox-reader.js';
import { EmbeddedInboxSignals } from '../../../src/adapters/embedded/inbox/embedded-inbox-signals.js';
import { EmbeddedLedger } from '../../../src/adapters/embedded/delivery/embedded-ledger.js';
import { EmbeddedMessageSweep } from '../../../src/adapters/embedded/retention/embedded-message-sweep.js';
import { EmbeddedReadPositions } from '../../../src/adapters/embedded/inbox/embedded-read-positions.js';
import { EmbeddedRecordFeed } from '../../../src/adapters/embedded/log/embedded-record-feed.js';
import { EmbeddedRecordLog } from '../../../src/adapters/embedded/log/embedded-record-log.js';
import { EmbeddedReplayJobs } from '../../../src/adapters/embedded/failures/embedded-replay-jobs.js';
import { EmbeddedStore } from '../../../src/adapters/embedded/store/embedded-store.js';
import { LogNews } from '../../../src/adapters/embedded/log/log-news.js';
import type { Clock } from '../../../src/application/ports/clock.js';
import { identities } from '../builders.js';
import { RecordingLogger } from '../recording-logger.js';

type Now = Pick<Clock, 'now'>;

const NAMES = { messages: 'client-messages', 'dead-letters': 'client-messages-dlq' };

export function embeddedLog(store: EmbeddedStore, clock: Now, acknowledgeLost = false) {
  const news = new LogNews();
  const logger = new RecordingLogger();
  const lost: { topic: string; partition: number; count: number }[] = [];
  const onLostRecords = (loss: (typeof lost)[number]): number => lost.push(loss);
  const groups = new EmbeddedGroups(store, clock, logger, { names: NAMES, acknowledgeLost, onLostRecords });
  return {
    messages: new EmbeddedRecordLog(store, 'messages', clock, news),
    deadLetters: new EmbeddedRecordLog(store, 'dead-letters', clock, news),
    feed: new EmbeddedRecordFeed(store, groups, news, logger, NAMES),
    ...{ groups, logger, lost },
  };
}

export function embeddedLedger(store: EmbeddedStore, clock: Now) {
  const signals = new EmbeddedInboxSignals();
  return {
    ledger: new EmbeddedLedger(store, clock, identities, signals),
    archive: new EmbeddedArchive(store),
    reader: new EmbeddedInboxReader(store),
    signals,
    positions: new EmbeddedReadPositions(store, clock),
    sweep: new EmbeddedMessageSweep(store),
    failureSweep: new EmbeddedFailureSweep(store),
    sets: new EmbeddedFailureSets(store),
    groups: new EmbeddedFailureGroups(store),
    groupCounts: new EmbeddedGroupCountStore(store),
    jobs: new EmbeddedReplayJobs(store),
    failedReplays: new EmbeddedFailedReplays(store),
    alerts: new EmbeddedAlertOutbox(store),
    keys: new EmbeddedApiKeys(store),
  };
}

/** A folder for a store that is opened repeatedly; deleted when the store is closed for good. */
export class EmbeddedFolder {
  private opened: EmbeddedStore | undefined;

  private constructor(readonly path: string) {}

  static async create(): Promise<EmbeddedFolder> {
    return new EmbeddedFolder(await mkdtemp(join(tmpdir(), 'postrider-embedded-')));
  }

  async open(): Promise<EmbeddedStore> {
    await this.opened?.close();
    this.opened = EmbeddedStore.open(this.path);
    return this.opened;
  }

  async close(): Promise<void> {
    await this.opened?.close();
    this.opened = undefined;
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { recursive: true, force: true });
  }
}
