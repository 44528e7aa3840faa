import { amending } from './ledger/amending.js';
import { batches } from './ledger/batches.js';
import { concurrency } from './ledger/concurrency.js';
import { deciders } from './ledger/deciders.js';
import { durability } from './ledger/durability.js';
import { fateTable } from './ledger/fate-table.js';
import type { LedgerFeatures, LedgerStoreFactory } from './ledger/store.js';
import { tailing } from './ledger/tailing.js';

/** Tests the obligations of a ledger; see the port. */
export function ledgerContract(name: string, factory: LedgerStoreFactory, features: LedgerFeatures): void {
  describe(`${name} as a ledger`, function () {
    this.timeout(60_000);

    describe('the fate of a record', () => {
      fateTable(factory);
    });
    describe('settling batches', () => {
      batches(factory, features);
    });
    describe('amending failures', () => {
      amending(factory);
    });
    describe('concurrent writers', () => {
      concurrency(factory);
    });
    describe('two concurrent decisions about one id', () => {
      deciders(factory);
    });
    describe('readers beside writers', () => {
      tailing(factory);
    });
    describe('crashes', () => {
      durability(factory, features);
    });
  });
}
