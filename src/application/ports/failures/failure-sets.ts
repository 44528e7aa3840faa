import type { MessageId } from '../../../domain/message.js';
import type { ReplayFilter } from '../../../domain/failures/replay-job.js';

/**
 * A bulk replay's set: failures that are unresolved, match the filter, were last recorded before it began, and have
 * no mark of it.
 */
export interface ReplaySet {
  readonly job: string;
  readonly filter: ReplayFilter;
  /** Milliseconds since the epoch, on `recordedAt`. */
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
  count(set: ReplaySet): Promise<number>;
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
