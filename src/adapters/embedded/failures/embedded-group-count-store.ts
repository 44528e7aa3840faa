import {
  NO_COUNTING_LEASE,
  type CountingLease,
  type GroupCounts,
  type GroupCountStore,
} from '../../../application/ports/failures.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { readStore } from '../store/read-store.js';

/** The version of the stored format. Increase it when the format changes. */
const VERSION = 1;

/**
 * Stores the counts of the groups. One process uses the folder, so the lease is kept in memory and ends with
 * that process.
 */
export class EmbeddedGroupCountStore implements GroupCountStore {
  private lease = NO_COUNTING_LEASE;

  constructor(private readonly store: EmbeddedStore) {}

  last(): Promise<GroupCounts | undefined> {
    return readStore(() => {
      const found = this.store.tables.groupCounts.get('last');
      return found?.version === VERSION ? found.value : undefined;
    });
  }

  changeLease(
    change: (lease: CountingLease) => CountingLease | undefined,
  ): Promise<CountingLease | undefined> {
    const changed = change(this.lease);
    if (changed) this.lease = { ...changed, counted: this.lease.counted };
    return Promise.resolve(changed);
  }

  async put(value: GroupCounts, term: number): Promise<boolean> {
    const isStored = await this.store.write('store', () => {
      if (this.lease.term !== term) return false;
      void this.store.tables.groupCounts.put('last', { version: VERSION, value });
      return true;
    });
    // Set only after the write, because a caller that waits for this term then reads the counts.
    if (isStored) this.lease = { ...this.ended(term), counted: term };
    return isStored;
  }

  private ended(term: number): CountingLease {
    return this.lease.term === term ? { ...this.lease, until: 0 } : this.lease;
  }
}
