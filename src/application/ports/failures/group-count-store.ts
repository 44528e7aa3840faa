import type { Lease } from '../../../domain/failures/lease.js';
import type { GroupSummary } from './failure-groups.js';

/** The groups of unresolved failures as they were counted at one time. */
export interface GroupCounts {
  /** When the count began, in milliseconds since the epoch, by the clock of the counting process. */
  readonly asOf: number;
  readonly tookMs: number;
  /** The number of groups. Larger than the length of `groups` if only the largest groups were kept. */
  readonly total: number;
  /** Largest first. */
  readonly groups: readonly GroupSummary[];
}

/** The lease of the counting process. `counted` is the term of the stored counts, 0 if there are none. */
export interface CountingLease extends Lease {
  readonly counted: number;
}

export const NO_COUNTING_LEASE: CountingLease = { term: 0, until: 0, counted: 0 };

/**
 * Stores the latest counts durably, and the lease that lets one process count at a time. All methods reject with
 * `DependencyUnavailable`.
 */
export interface GroupCountStore {
  /** Returns undefined if no counts are stored, or if they have another version's format. */
  last(): Promise<GroupCounts | undefined>;
  /**
   * Replaces the lease's `term` and `until` by those that the function returns, in one atomic step, and resolves
   * with the lease. If the function returns undefined, it changes nothing and resolves with undefined. The initial
   * lease is `NO_COUNTING_LEASE`. The function may be called more than once.
   */
  changeLease(
    change: (lease: CountingLease) => CountingLease | undefined,
  ): Promise<CountingLease | undefined>;
  /**
   * Stores counts and releases the lease, unless another process has taken it since this term began. Resolves with
   * whether it did.
   */
  put(counts: GroupCounts, term: number): Promise<boolean>;
}
