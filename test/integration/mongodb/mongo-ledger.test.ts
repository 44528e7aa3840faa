import { alertOutboxContract } from '../../contract/alert-outbox.contract.js';
import { archiveContract } from '../../contract/archive.contract.js';
import { failedReplaysContract } from '../../contract/failed-replays.contract.js';
import { failureGroupsContract } from '../../contract/failure-groups.contract.js';
import { failureSweepContract } from '../../contract/failure-sweep.contract.js';
import { failureSetsContract } from '../../contract/failure-sets.contract.js';
import { inboxReaderContract } from '../../contract/inbox-reader.contract.js';
import { inboxSignalsContract } from '../../contract/inbox-signals.contract.js';
import { ledgerContract } from '../../contract/ledger.contract.js';
import { messageSweepContract } from '../../contract/message-sweep.contract.js';
import { readPositionsContract } from '../../contract/read-positions.contract.js';
import { replayJobsContract } from '../../contract/replay-jobs.contract.js';
import { mongoStoreFactory } from './mongo-test-store.js';

const factory = mongoStoreFactory();

ledgerContract('MongoLedger', factory, { reopens: true, maxDocumentBytes: 16 * 1024 * 1024 });
ledgerContract('MongoLedger that presumes from the first settlement on', mongoStoreFactory(0), {
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
