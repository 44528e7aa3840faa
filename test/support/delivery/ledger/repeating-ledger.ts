import type { Ledger } from '../../../../src/application/ports/ledger.js';

/** A ledger that applies each change twice, as a database does if it could not confirm the first commit. */
export function repeating(ledger: Pick<Ledger, 'amend' | 'amendAll'>): Pick<Ledger, 'amend' | 'amendAll'> {
  return {
    amend: async (id, change) => {
      await ledger.amend(id, change);
      return ledger.amend(id, change);
    },
    amendAll: async (ids, change) => {
      await ledger.amendAll(ids, change);
      return ledger.amendAll(ids, change);
    },
  };
}
