import { alertOutboxContract } from '../../../contract/alerts/alert-outbox.contract.js';
import { archiveContract } from '../../../contract/inbox/archive.contract.js';
import { failedReplaysContract } from '../../../contract/failures/failed-replays.contract.js';
import { failureGroupsContract } from '../../../contract/failures/failure-groups.contract.js';
import { failureSweepContract } from '../../../contract/retention/failure-sweep.contract.js';
import { failureSetsContract } from '../../../contract/failures/failure-sets.contract.js';
import { inboxReaderContract } from '../../../contract/inbox/inbox-reader.contract.js';
import { inboxSignalsContract } from '../../../contract/inbox/inbox-signals.contract.js';
import { ledgerContract } from '../../../contract/delivery/ledger.contract.js';
import { messageSweepContract } from '../../../contract/retention/message-sweep.contract.js';
import { readPositionsContract } from '../../../contract/inbox/read-positions.contract.js';
import { replayJobsContract } from '../../../contract/failures/replay-jobs.contract.js';
import { mongoStoreFactory } from '../mongo-test-store.js';

const factory = mongoStoreFactory();

ledgerContract('MongoLedger', factory, { reopens: true, maxDocumentBytes: 16 * 1024 * 1024 });
ledgerContract('MongoLedger with optimistic reads from the first settlement on', mongoStoreFactory(0), {
  reopens: true,
  maxDocumentBytes: 16 * 1024 * 1024,
});
archiveContract('MongoArchive', factory);
inboxReaderContract('MongoInboxReader', factory);
inboxSignalsContract('MongoInboxSignals', factory);
failureSetsContract('MongoFailureSets', factory);
failureGroupsContract('MongoFailureGroups', factory);
replayJobsContract('MongoReplayJobs', factory);
readPositionsContract('MongoReadPositions', factory);
messageSweepContract('MongoMessageSweep', factory);
failureSweepContract('MongoFailureSweep', factory);
failedReplaysContract('MongoFailedReplays', factory);
alertOutboxContract('MongoAlertOutbox', factory);
