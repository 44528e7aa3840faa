import {
  NO_COUNTING_LEASE,
  type CountingLease,
  type GroupCounts,
  type GroupCountStore,
} from '../../../application/ports/failures/group-count-store.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { readStore } from '../store/read-store.js';

/** Of counts that are written in another way, another one. */
const VERSION = 1;

/** The folder belongs to one process, so its lease is in memory: that of a process that has died is gone with it. */
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
    // Only now: a caller who waits for these counts reads them at once.
    if (isStored) this.lease = { ...this.ended(term), counted: term };
    return isStored;
  }

  private ended(term: number): CountingLease {
    return this.lease.term === term ? { ...this.lease, until: 0 } : this.lease;
  }
}
