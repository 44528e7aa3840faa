import type { MessageId } from '../../domain/message.js';
import type { ReplayFilter, ReplayJob } from '../../domain/failures/replay-job.js';
import type { Lease } from '../../domain/failures/lease.js';
import type { FailedMessage } from '../../domain/failures/failed-message.js';

/**
 * A bulk replay's set: failures that are unresolved, match the filter, were last recorded before a time, and have no
 * mark of it.
 */
export interface ReplaySet {
  readonly job: string;
  readonly filter: ReplayFilter;
  /** Milliseconds since the epoch, on `recordedAt`. */
  readonly before: number;
}

/** The failures that a filter selects. */
export interface Selection {
  readonly count: number;
  /** Later than each one's `recordedAt`, and at least the given time. */
  readonly before: number;
}

/** The number of failures that a bulk replay has marked, by result (see `fateOfMark`). */
export interface ReplayCounts {
  readonly published: number;
  readonly skipped: number;
  readonly failedAgain: number;
  /** Taken under their current lease, and not yet confirmed by the log. */
  readonly pending: number;
}

/**
 * Finds failures for actions on many of them. A call sees everything that was settled or amended before it. All
 * methods reject with `DependencyUnavailable`.
 */
export interface FailureSets {
  /**
   * Counts the unresolved failures that the filter selects, including those recorded later than `now` by a process
   * whose clock is ahead.
   */
  select(filter: ReplayFilter, now: number): Promise<Selection>;
  /** Returns at most `limit` failures of the set; none if it is empty. */
  next(set: ReplaySet, limit: number): Promise<readonly MessageId[]>;
  counts(job: string): Promise<ReplayCounts>;
  /** Returns at most `limit` failures whose lease ended before `now`, the longest expired first. */
  overdue(now: number, limit: number): Promise<readonly MessageId[]>;
  /**
   * Returns those of the given failures that have exactly this lease. Failures with another lease, or none, cost
   * nothing.
   */
  leased(ids: readonly MessageId[], lease: number): Promise<readonly MessageId[]>;
}

/** Unresolved failures with the same code and normalised reason. `first` and `last` are times of failure (ms). */
export interface GroupSummary {
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** The latest failure of the group. */
  readonly sample: MessageId;
  /** All failures of the group are invalid sends, which cause no alert. */
  readonly isRefused: boolean;
  /**
   * The oldest failure that is not an invalid send, and its time of failure. If several failed at that time, it may be
   * any of them.
   */
  readonly oldest?: { readonly id: MessageId; readonly at: number };
}

/**
 * Reads all groups, largest first. May take seconds with millions of failures. Rejects with `DependencyUnavailable`.
 */
export interface FailureGroups {
  groups(): Promise<readonly GroupSummary[]>;
}

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

/**
 * Stores bulk replays durably.
 *
 * `change` replaces a job by the function's result in one atomic step and resolves with it. If the job does not
 * exist or the function returns undefined, it writes nothing and resolves with undefined. `running` returns the
 * jobs that have not ended. All methods reject with `DependencyUnavailable`.
 */
export interface ReplayJobs {
  insert(job: ReplayJob): Promise<void>;
  find(id: string): Promise<ReplayJob | undefined>;
  change(id: string, change: (job: ReplayJob) => ReplayJob | undefined): Promise<ReplayJob | undefined>;
  running(): Promise<readonly ReplayJob[]>;
}

/** The members of a failure that an alert about its failed replay needs. */
export type UnnotifiedReplay = Pick<FailedMessage, 'id' | 'code' | 'group' | 'failures' | 'state'>;

/**
 * Finds failures with a due alert about a failed replay, at most `limit`, in any order. A call sees everything that
 * was settled or amended before it. Rejects with `DependencyUnavailable`.
 */
export interface FailedReplays {
  unnotified(limit: number): Promise<readonly UnnotifiedReplay[]>;
}
