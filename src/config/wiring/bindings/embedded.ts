import type { Container, ServiceIdentifier } from 'inversify';
import { EmbeddedAlertOutbox } from '../../../adapters/embedded/alerts/embedded-alert-outbox.js';
import { EmbeddedArchive } from '../../../adapters/embedded/inbox/embedded-archive.js';
import { EmbeddedGroups, type TopicNames } from '../../../adapters/embedded/log/embedded-groups.js';
import { EmbeddedGroupCountStore } from '../../../adapters/embedded/failures/embedded-group-count-store.js';
import { EmbeddedHealth } from '../../../adapters/embedded/log/embedded-health.js';
import { EmbeddedFailedReplays } from '../../../adapters/embedded/failures/embedded-failed-replays.js';
import { EmbeddedFailureGroups } from '../../../adapters/embedded/failures/embedded-failure-groups.js';
import { EmbeddedFailureSets } from '../../../adapters/embedded/failures/embedded-failure-sets.js';
import { EmbeddedFailureSweep } from '../../../adapters/embedded/retention/embedded-failure-sweep.js';
import { EmbeddedInboxReader } from '../../../adapters/embedded/inbox/embedded-inbox-reader.js';
import { EmbeddedInboxSignals } from '../../../adapters/embedded/inbox/embedded-inbox-signals.js';
import { EmbeddedLedger } from '../../../adapters/embedded/delivery/embedded-ledger.js';
import { EmbeddedMessageSweep } from '../../../adapters/embedded/retention/embedded-message-sweep.js';
import { EmbeddedReadPositions } from '../../../adapters/embedded/inbox/embedded-read-positions.js';
import { EmbeddedReplayJobs } from '../../../adapters/embedded/failures/embedded-replay-jobs.js';
import { EmbeddedRecordFeed } from '../../../adapters/embedded/log/embedded-record-feed.js';
import { EmbeddedRecordLog } from '../../../adapters/embedded/log/embedded-record-log.js';
import { EmbeddedStore } from '../../../adapters/embedded/store/embedded-store.js';
import { FolderInUse } from '../../../adapters/embedded/store/folder-lock.js';
import { LogNews } from '../../../adapters/embedded/log/log-news.js';
import { LogTrimmer } from '../../../adapters/embedded/log/log-trimmer.js';
import type { RecordLog } from '../../../application/ports/record-log.js';
import { SendQueue } from '../../../application/sending/queue/send-queue.js';
import { SettingsError, type EmbeddedSettings, type Settings } from '../../settings/settings.js';
import { TOKENS } from '../tokens.js';

const MESSAGE_LOG: ServiceIdentifier<RecordLog> = Symbol('embeddedMessageLog');
const DEAD_LETTER_LOG: ServiceIdentifier<RecordLog> = Symbol('embeddedDeadLetterLog');
const STORE: ServiceIdentifier<EmbeddedStore> = Symbol('embeddedStore');
const GROUPS: ServiceIdentifier<EmbeddedGroups> = Symbol('embeddedGroups');
const NEWS: ServiceIdentifier<LogNews> = Symbol('logNews');
const FEED: ServiceIdentifier<EmbeddedRecordFeed> = Symbol('embeddedFeed');
const SIGNALS: ServiceIdentifier<EmbeddedInboxSignals> = Symbol('embeddedSignals');

const DAY_MS = 86_400_000;

/**
 * Binds the log and the store of one local folder. The folder is opened when the container first resolves a part of it.
 */
export function bindEmbedded(container: Container, { dataDir, retentionDays }: EmbeddedSettings): void {
  const t = TOKENS;
  container.bind(STORE).toResolvedValue(() => openFolder(dataDir));
  container
    .bind(t.dependencies)
    .toResolvedValue(
      (store, groups, clock) => [
        new EmbeddedHealth('log', store, clock, groups),
        new EmbeddedHealth('store', store, clock),
      ],
      [STORE, GROUPS, t.clock],
    );
  container.bind(t.backendComponents).toResolvedValue(
    (store, groups, clock, logger, fatalErrors) => {
      store.onWrite((error) => {
        if (error?.cause instanceof FolderInUse) fatalErrors.report(error.cause);
      });
      const trimmer = new LogTrimmer(store, groups, clock, logger, retentionDays * DAY_MS);
      return [
        { name: 'folder', stop: () => store.close() },
        { name: 'log trimmer', start: () => trimmer.start(), stop: () => trimmer.stop() },
      ];
    },
    [STORE, GROUPS, t.clock, t.logger, t.fatalErrors],
  );
  container
    .bind(t.logRetention)
    .toConstantValue({ ofMessages: () => Promise.resolve(retentionDays * DAY_MS) });
  bindLog(container);
  bindStore(container);
}

function bindLog(container: Container): void {
  const t = TOKENS;
  container.bind(GROUPS).toResolvedValue(
    (store, clock, logger, settings, metrics) =>
      new EmbeddedGroups(store, clock, logger, {
        names: topicNames(settings),
        acknowledgeLost: settings.receiving.acknowledgeLostRecords,
        onLostRecords: ({ topic, partition, count }) => {
          metrics.recordsLost(topic, partition, count);
        },
      }),
    [STORE, t.clock, t.logger, t.settings, t.metrics],
  );
  container.bind(NEWS).toResolvedValue(() => new LogNews());
  container
    .bind(MESSAGE_LOG)
    .toResolvedValue(
      (store, clock, news) => new EmbeddedRecordLog(store, 'messages', clock, news),
      [STORE, t.clock, NEWS],
    );
  container
    .bind(t.messageQueue)
    .toResolvedValue(
      (log, clock, { sending }) => new SendQueue(log, clock, sending),
      [MESSAGE_LOG, t.clock, t.settings],
    );
  container
    .bind(DEAD_LETTER_LOG)
    .toResolvedValue(
      (store, clock, news) => new EmbeddedRecordLog(store, 'dead-letters', clock, news),
      [STORE, t.clock, NEWS],
    );
  container
    .bind(t.deadLetterQueue)
    .toResolvedValue(
      (log, clock, { sending }) => new SendQueue(log, clock, sending),
      [DEAD_LETTER_LOG, t.clock, t.settings],
    );
  container
    .bind(FEED)
    .toResolvedValue(
      (store, groups, news, logger, settings) =>
        new EmbeddedRecordFeed(store, groups, news, logger, topicNames(settings)),
      [STORE, GROUPS, NEWS, t.logger, t.settings],
    );
  container.bind(t.feed).toService(FEED);
  container.bind(t.lag).toResolvedValue((feed) => () => feed.lag(), [FEED]);
}

function bindStore(container: Container): void {
  const t = TOKENS;
  container.bind(SIGNALS).toResolvedValue(() => new EmbeddedInboxSignals());
  container.bind(t.inboxSignals).toService(SIGNALS);
  container
    .bind(t.ledger)
    .toResolvedValue(
      (store, clock, identities, signals) => new EmbeddedLedger(store, clock, identities, signals),
      [STORE, t.clock, t.identities, SIGNALS],
    );
  container.bind(t.archive).toResolvedValue((store) => new EmbeddedArchive(store), [STORE]);
  container.bind(t.inboxReader).toResolvedValue((store) => new EmbeddedInboxReader(store), [STORE]);
  container
    .bind(t.readPositions)
    .toResolvedValue((store, clock) => new EmbeddedReadPositions(store, clock), [STORE, t.clock]);
  container.bind(t.failureSweep).toResolvedValue((store) => new EmbeddedFailureSweep(store), [STORE]);
  container.bind(t.failureSets).toResolvedValue((store) => new EmbeddedFailureSets(store), [STORE]);
  container.bind(t.failureGroups).toResolvedValue((store) => new EmbeddedFailureGroups(store), [STORE]);
  container.bind(t.groupCounts).toResolvedValue((store) => new EmbeddedGroupCountStore(store), [STORE]);
  container.bind(t.replayJobs).toResolvedValue((store) => new EmbeddedReplayJobs(store), [STORE]);
  container.bind(t.failedReplays).toResolvedValue((store) => new EmbeddedFailedReplays(store), [STORE]);
  container.bind(t.alertOutbox).toResolvedValue((store) => new EmbeddedAlertOutbox(store), [STORE]);
  container.bind(t.messageSweep).toResolvedValue((store) => new EmbeddedMessageSweep(store), [STORE]);
}

function topicNames({ topics }: Settings): TopicNames {
  return { messages: topics.messages, 'dead-letters': topics.deadLetters };
}

function openFolder(folder: string): EmbeddedStore {
  try {
    return EmbeddedStore.open(folder);
  } catch (error) {
    if (error instanceof FolderInUse) throw error;
    const problem = error instanceof Error ? error.message : 'unknown error';
    throw new SettingsError('DATA_DIR', `cannot be used (${problem})`);
  }
}
