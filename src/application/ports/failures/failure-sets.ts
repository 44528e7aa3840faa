import type { MessageId } from '../../../domain/message.js';
import type { ReplayFilter } from '../../../domain/failures/replay-job.js';

/** A bulk replay's set: what is unresolved, matches, was last recorded before its begin, and has no mark of it. */
export interface ReplaySet {
  readonly job: string;
  readonly filter: ReplayFilter;
  /** Milliseconds since the epoch, on `recordedAt`. */
  readonly before: number;
}

/** How many failures have a mark of a bulk replay, and what became of them (see `fateOfMark`). */
export interface ReplayCounts {
  readonly published: number;
  readonly skipped: number;
  readonly failedAgain: number;
  /** Taken, to be published under this lease, and not known to be in the log yet. */
  readonly pending: number;
}

/**
 * Finds failures for what is to be done with many of them. What was settled or amended before a call is seen by it.
 * All reject with `DependencyUnavailable`.
 */
export interface FailureSets {
  count(set: ReplaySet): Promise<number>;
  /** Some of the set, at most `limit`; none where it is empty. */
  next(set: ReplaySet, limit: number): Promise<readonly MessageId[]>;
  counts(job: string): Promise<ReplayCounts>;
  /** Those whose lease was over before `now`, at most `limit`, the longest over first. */
  overdue(now: number, limit: number): Promise<readonly MessageId[]>;
}
