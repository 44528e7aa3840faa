import { apiKeysContract } from '../../../contract/access/api-keys.contract.js';
import { alertOutboxContract } from '../../../contract/alerts/alert-outbox.contract.js';
import { archiveContract } from '../../../contract/inbox/archive.contract.js';
import { failedReplaysContract } from '../../../contract/failures/failed-replays.contract.js';
import { failureGroupsContract } from '../../../contract/failures/failure-groups.contract.js';
import { failureSweepContract } from '../../../contract/retention/failure-sweep.contract.js';
import { failureSetsContract } from '../../../contract/failures/failure-sets.contract.js';
import { groupCountStoreContract } from '../../../contract/failures/group-count-store.contract.js';
import { inboxReaderContract } from '../../../contract/inbox/inbox-reader.contract.js';
import { inboxSignalsContract } from '../../../contract/inbox/inbox-signals.contract.js';
import { messageSweepContract } from '../../../contract/retention/message-sweep.contract.js';
import { readPositionsContract } from '../../../contract/inbox/read-positions.contract.js';
import { ledgerContract } from '../../../contract/delivery/ledger.contract.js';
import type { LedgerStoreFactory } from '../../../contract/delivery/ledger/store.js';
import type { LogUnderTest } from '../../../contract/log/log-under-test.js';
import { recordFeedContract } from '../../../contract/log/record-feed.contract.js';
import { recordLogContract } from '../../../contract/log/record-log.contract.js';
import { replayJobsContract } from '../../../contract/failures/replay-jobs.contract.js';
import { EmbeddedFolder, embeddedLedger, embeddedLog } from '../../../support/embedded/embedded.js';

async function makeLog(): Promise<LogUnderTest> {
  const folder = await EmbeddedFolder.create();
  const open = async (): Promise<LogUnderTest> => ({
    ...embeddedLog(await folder.open(), { now: Date.now }),
    close: () => folder.remove(),
    reopen: open,
  });
  return open();
}

const makeStore: LedgerStoreFactory = async (clock) => {
  const folder = await EmbeddedFolder.create();
  const handle = embeddedLedger(await folder.open(), clock);
  return {
    ...handle,
    other: () => Promise.resolve(handle),
    reopen: async () => embeddedLedger(await folder.open(), clock),
    close: () => folder.remove(),
  };
};

recordLogContract('EmbeddedRecordLog', makeLog);
recordFeedContract('EmbeddedRecordFeed', makeLog, { sharedGroups: false });
ledgerContract('EmbeddedLedger', makeStore, { reopens: true });
archiveContract('EmbeddedArchive', makeStore);
inboxReaderContract('EmbeddedInboxReader', makeStore);
inboxSignalsContract('EmbeddedInboxSignals', makeStore);
failureSetsContract('EmbeddedFailureSets', makeStore);
failureGroupsContract('EmbeddedFailureGroups', makeStore);
groupCountStoreContract('EmbeddedGroupCountStore', makeStore, { reopens: true });
replayJobsContract('EmbeddedReplayJobs', makeStore);
readPositionsContract('EmbeddedReadPositions', makeStore);
messageSweepContract('EmbeddedMessageSweep', makeStore);
failureSweepContract('EmbeddedFailureSweep', makeStore);
failedReplaysContract('EmbeddedFailedReplays', makeStore);
alertOutboxContract('EmbeddedAlertOutbox', makeStore);
apiKeysContract('EmbeddedApiKeys', makeStore, { reopens: true });
