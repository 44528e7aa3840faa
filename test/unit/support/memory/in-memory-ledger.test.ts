import { InMemoryLedger } from '../../../support/memory/in-memory-ledger.js';
import { alertOutboxContract } from '../../../contract/alert-outbox.contract.js';
import { archiveContract } from '../../../contract/archive.contract.js';
import { failedReplaysContract } from '../../../contract/failed-replays.contract.js';
import { failureGroupsContract } from '../../../contract/failure-groups.contract.js';
import { failureSweepContract } from '../../../contract/failure-sweep.contract.js';
import { failureSetsContract } from '../../../contract/failure-sets.contract.js';
import { groupCountStoreContract } from '../../../contract/group-count-store.contract.js';
import { inboxReaderContract } from '../../../contract/inbox-reader.contract.js';
import { inboxSignalsContract } from '../../../contract/inbox-signals.contract.js';
import { messageSweepContract } from '../../../contract/message-sweep.contract.js';
import { readPositionsContract } from '../../../contract/read-positions.contract.js';
import { ledgerContract } from '../../../contract/ledger.contract.js';
import {
  inMemoryHandle,
  type LedgerHandle,
  type LedgerStoreFactory,
} from '../../../contract/ledger/store.js';
import { replayJobsContract } from '../../../contract/replay-jobs.contract.js';
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
