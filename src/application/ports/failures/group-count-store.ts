import type { Lease } from '../../../domain/failures/lease.js';
import type { GroupSummary } from './failure-groups.js';

/** The groups of unresolved failures as they were counted at one time. */
export interface GroupCounts {
  /** When the count began, in milliseconds since the epoch, by the clock of the process that counted. */
  readonly asOf: number;
  readonly tookMs: number;
  /** How many groups there were; more than `groups` has if only the largest were kept. */
  readonly total: number;
  /** The largest first. */
  readonly groups: readonly GroupSummary[];
}

/** Who may count. `counted` is the term in which the stored counts were made, 0 if there are none. */
export interface CountingLease extends Lease {
  readonly counted: number;
}

export const NO_COUNTING_LEASE: CountingLease = { term: 0, until: 0, counted: 0 };

/**
 * Keeps the last counts, durably, and the lease that lets one process at a time count. All methods reject with
 * `DependencyUnavailable`.
 */
export interface GroupCountStore {
  /** Undefined if none were stored, or if a version stored them that writes them differently. */
  last(): Promise<GroupCounts | undefined>;
  /**
   * Replaces `term` and `until` of the lease by those that the function returns, as one step that no other process comes
   * between, and resolves with it; undefined, and nothing changed, if the function returns undefined. It begins as
   * `NO_COUNTING_LEASE`. The function may be called more than once.
   */
  changeLease(
    change: (lease: CountingLease) => CountingLease | undefined,
  ): Promise<CountingLease | undefined>;
  /** Stores counts and ends the lease, if no other process has taken it since this term began. Resolves with whether it did. */
  put(counts: GroupCounts, term: number): Promise<boolean>;
}
