import {
  NO_COUNTING_LEASE,
  type CountingLease,
  type GroupCounts,
  type GroupCountStore,
} from '../../../src/application/ports/failures.js';

export class InMemoryGroupCountStore implements GroupCountStore {
  private counts: GroupCounts | undefined;
  private lease = NO_COUNTING_LEASE;

  last(): Promise<GroupCounts | undefined> {
    return Promise.resolve(this.counts);
  }

  changeLease(
    change: (lease: CountingLease) => CountingLease | undefined,
  ): Promise<CountingLease | undefined> {
    const changed = change(this.lease);
    if (changed) this.lease = { ...changed, counted: this.lease.counted };
    return Promise.resolve(changed);
  }

  put(counts: GroupCounts, term: number): Promise<boolean> {
    if (this.lease.term !== term) return Promise.resolve(false);
    this.counts = counts;
    this.lease = { term, until: 0, counted: term };
    return Promise.resolve(true);
  }
}
