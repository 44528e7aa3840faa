import { InMemoryLedger } from '../../../support/memory/in-memory-ledger.js';
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
import {
  inMemoryHandle,
  type LedgerHandle,
  type LedgerStoreFactory,
} from '../../../contract/delivery/ledger/store.js';
import { replayJobsContract } from '../../../contract/failures/replay-jobs.contract.js';
import { identities } from '../../../support/builders.js';

const factory: LedgerStoreFactory = (clock) => {
  const ledger = new InMemoryLedger(clock, identities);
  const handle = inMemoryHandle(ledger);
  const itself = (): Promise<LedgerHandle> => Promise.resolve(handle);
  return Promise.resolve({ ...handle, other: itself, reopen: itself, close: () => Promise.resolve() });
};

ledgerContract('InMemoryLedger', factory, { reopens: false });
archiveContract('InMemoryLedger', factory);
inboxReaderContract('InMemoryLedger', factory);
inboxSignalsContract('InMemoryLedger', factory);
failureSetsContract('InMemoryFailures', factory);
failureGroupsContract('InMemoryFailures', factory);
groupCountStoreContract('InMemoryGroupCountStore', factory, { reopens: false });
replayJobsContract('InMemoryFailures', factory);
readPositionsContract('InMemoryLedger', factory);
messageSweepContract('InMemoryLedger', factory);
failureSweepContract('InMemoryLedger', factory);
failedReplaysContract('InMemoryFailures', factory);
alertOutboxContract('InMemoryAlerts', factory);
apiKeysContract('InMemoryApiKeys', factory, { reopens: false });
