import { resolve } from 'node:path';
import { ContainerModule } from 'inversify';
import { EmbeddedAlertOutbox } from '../../../adapters/embedded/alerts/embedded-alert-outbox.js';
import { EmbeddedLedger } from '../../../adapters/embedded/delivery/embedded-ledger.js';
import { EmbeddedFailedReplays } from '../../../adapters/embedded/failures/embedded-failed-replays.js';
import { EmbeddedFailureGroups } from '../../../adapters/embedded/failures/embedded-failure-groups.js';
import { EmbeddedFailureSets } from '../../../adapters/embedded/failures/embedded-failure-sets.js';
import { EmbeddedGroupCountStore } from '../../../adapters/embedded/failures/embedded-group-count-store.js';
import { EmbeddedReplayJobs } from '../../../adapters/embedded/failures/embedded-replay-jobs.js';
import { EmbeddedArchive } from '../../../adapters/embedded/inbox/embedded-archive.js';
import { EmbeddedInboxReader } from '../../../adapters/embedded/inbox/embedded-inbox-reader.js';
import { EmbeddedInboxSignals } from '../../../adapters/embedded/inbox/embedded-inbox-signals.js';
import { EmbeddedReadPositions } from '../../../adapters/embedded/inbox/embedded-read-positions.js';
import { EmbeddedGroups, type TopicNames } from '../../../adapters/embedded/log/embedded-groups.js';
import { EmbeddedHealth } from '../../../adapters/embedded/log/embedded-health.js';
import { EmbeddedRecordFeed } from '../../../adapters/embedded/log/embedded-record-feed.js';
import { EmbeddedRecordLog } from '../../../adapters/embedded/log/embedded-record-log.js';
import { logFolderOutages } from '../../../adapters/embedded/log/folder-outages.js';
import { LogNews } from '../../../adapters/embedded/log/log-news.js';
import { LogTrimmer } from '../../../adapters/embedded/log/log-trimmer.js';
import { EmbeddedFailureSweep } from '../../../adapters/embedded/retention/embedded-failure-sweep.js';
import { EmbeddedMessageSweep } from '../../../adapters/embedded/retention/embedded-message-sweep.js';
import { EmbeddedStore } from '../../../adapters/embedded/store/embedded-store.js';
import { FolderInUse } from '../../../adapters/embedded/store/folder-lock.js';
import { SendQueue } from '../../../application/sending/queue/send-queue.js';
import { component } from '../../running/lifecycle.js';
import { SettingsError, type EmbeddedSettings, type Settings } from '../../settings/settings.js';
import { construct } from '../construct.js';
import { token, TOKENS as t } from '../tokens.js';

const STORE = token<EmbeddedStore>('embeddedStore');
const GROUPS = token<EmbeddedGroups>('embeddedGroups');
const NEWS = token<LogNews>('logNews');
const FEED = token<EmbeddedRecordFeed>('embeddedFeed');
const SIGNALS = token<EmbeddedInboxSignals>('embeddedSignals');

const DAY_MS = 86_400_000;

/**
 * The log and the store in one local folder. The folder is opened when the container first resolves a part of it.
 */
export const embedded = (settings: EmbeddedSettings): ContainerModule[] => [folder(settings), log, store];

const folder = ({ dataDir, retentionDays }: EmbeddedSettings): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(STORE).toResolvedValue(() => openFolder(dataDir));
    bind(t.dependencies).toResolvedValue(
      (store, groups, clock) => [
        new EmbeddedHealth('log', store, clock, groups),
        new EmbeddedHealth('store', store, clock),
      ],
      [STORE, GROUPS, t.clock],
    );
    bind(t.logRetention).toConstantValue({ ofMessages: () => Promise.resolve(retentionDays * DAY_MS) });
    bind(t.backendComponents).toResolvedValue(
      (store, groups, clock, logger, fatalErrors) => {
        store.onWrite((error) => {
          if (error?.cause instanceof FolderInUse) fatalErrors.report(error.cause);
        });
        logFolderOutages(store, resolve(dataDir), clock, logger);
        const trimmer = new LogTrimmer(store, groups, clock, logger, retentionDays * DAY_MS);
        return [{ name: 'folder', stop: () => store.close() }, component('log trimmer', trimmer)];
      },
      [STORE, GROUPS, t.clock, t.logger, t.fatalErrors],
    );
  });

const log = new ContainerModule(({ bind }) => {
  bind(GROUPS).toResolvedValue(
    (store, clock, logger, settings, telemetry) =>
      new EmbeddedGroups(store, clock, logger, {
        names: topicNames(settings),
        acknowledgeLost: settings.receiving.acknowledgeLostRecords,
        onLostRecords: ({ topic, partition, count }) => {
          telemetry.recordsLost(topic, partition, count);
        },
      }),
    [STORE, t.clock, t.logger, t.settings, t.telemetry],
  );
  bind(NEWS).toResolvedValue(() => new LogNews());
  bind(t.messageQueue).toResolvedValue(
    (store, clock, news, { sending }) =>
      new SendQueue(new EmbeddedRecordLog(store, 'messages', clock, news), clock, sending),
    [STORE, t.clock, NEWS, t.settings],
  );
  bind(t.deadLetterQueue).toResolvedValue(
    (store, clock, news, { sending }) =>
      new SendQueue(new EmbeddedRecordLog(store, 'dead-letters', clock, news), clock, sending),
    [STORE, t.clock, NEWS, t.settings],
  );
  bind(FEED).toResolvedValue(
    (store, groups, news, logger, settings) =>
      new EmbeddedRecordFeed(store, groups, news, logger, topicNames(settings)),
    [STORE, GROUPS, NEWS, t.logger, t.settings],
  );
  bind(t.feed).toService(FEED);
  // Only Postrider writes to this log.
  bind(t.checkPartition).toResolvedValue(() => () => undefined);
  bind(t.lag).toResolvedValue((feed) => () => feed.lag(), [FEED]);
});

const store = new ContainerModule(({ bind }) => {
  bind(SIGNALS).toResolvedValue(() => new EmbeddedInboxSignals());
  bind(t.inboxSignals).toService(SIGNALS);
  bind(t.ledger).toResolvedValue(construct(EmbeddedLedger), [STORE, t.clock, t.identities, SIGNALS]);
  bind(t.archive).toResolvedValue(construct(EmbeddedArchive), [STORE]);
  bind(t.inboxReader).toResolvedValue(construct(EmbeddedInboxReader), [STORE]);
  bind(t.readPositions).toResolvedValue(construct(EmbeddedReadPositions), [STORE, t.clock]);
  bind(t.failureSets).toResolvedValue(construct(EmbeddedFailureSets), [STORE]);
  bind(t.failureGroups).toResolvedValue(construct(EmbeddedFailureGroups), [STORE]);
  bind(t.groupCounts).toResolvedValue(construct(EmbeddedGroupCountStore), [STORE]);
  bind(t.replayJobs).toResolvedValue(construct(EmbeddedReplayJobs), [STORE]);
  bind(t.failedReplays).toResolvedValue(construct(EmbeddedFailedReplays), [STORE]);
  bind(t.alertOutbox).toResolvedValue(construct(EmbeddedAlertOutbox), [STORE]);
  bind(t.messageSweep).toResolvedValue(construct(EmbeddedMessageSweep), [STORE]);
  bind(t.failureSweep).toResolvedValue(construct(EmbeddedFailureSweep), [STORE]);
});

function topicNames({ topics }: Settings): TopicNames {
  return { messages: topics.messages, 'dead-letters': topics.deadLetters };
}

function openFolder(folder: string): EmbeddedStore {
  try {
    return EmbeddedStore.open(folder);
  } catch (error) {
    if (error instanceof FolderInUse) throw error;
    const problem = error instanceof Error ? error.message : 'unknown error';
    throw new SettingsError('DATA_DIR', `cannot be used: "${folder}" (${problem})`);
  }
}
