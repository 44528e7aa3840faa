import type { FailedMessage, JobMark } from './failed-message.js';

export type ReplayJobState = 'running' | 'done' | 'cancelled';

/** Selects the failures of a bulk replay. Times are milliseconds since the epoch. */
export interface ReplayFilter {
  readonly code?: string;
  readonly group?: string;
  readonly from?: string;
  readonly to?: string;
  readonly since?: number;
  readonly until?: number;
}

/** A bulk replay. The failures themselves record which of them it has taken. */
export interface ReplayJob {
  /** 24 hex digits. */
  readonly id: string;
  readonly state: ReplayJobState;
  readonly filter: ReplayFilter;
  /** Messages per second. */
  readonly rate: number;
  /** The number of matching failures when it began. */
  readonly total: number;
  readonly createdAt: number;
  /** It takes failures with an earlier `recordedAt`. Absent from jobs of earlier versions: `createdAt`. */
  readonly before?: number;
  readonly by?: string;
  /** When the running process's lease ends. */
  readonly lease: number;
  readonly endedAt?: number;
}

export type NewReplayJob = Pick<
  ReplayJob,
  'id' | 'filter' | 'rate' | 'total' | 'createdAt' | 'before' | 'by'
>;

export function newReplayJob(job: NewReplayJob): ReplayJob {
  return { ...job, state: 'running', lease: 0 };
}

/** The lowest rate, in messages per second. A job with a rate near 0 would never end. */
export const MIN_REPLAY_RATE = 0.1;

/** The rate at which the job runs. Earlier versions accepted rates below the lowest one. */
export function rateOf({ rate }: Pick<ReplayJob, 'rate'>): number {
  return Math.max(rate, MIN_REPLAY_RATE);
}

/** The result of a failure in the bulk replay that marked it. A failure that `failed-again` was published before. */
export type MarkFate = 'published' | 'failed-again' | 'skipped' | 'pending';

/**
 * Returns the result of a mark. A replay is pending while it holds its lease. If the lease is gone or belongs to
 * another replay before the log confirmed the record, an operator discarded the failure or forced another replay,
 * so this bulk replay skipped it.
 */
export function fateOfMark(
  { replays, lease }: Pick<FailedMessage, 'replays' | 'lease'>,
  mark: JobMark,
): MarkFate {
  if (mark.replays === undefined) return 'skipped';
  if (mark.failed) return 'failed-again';
  if (mark.published) return 'published';
  return mark.replays === replays && lease !== undefined ? 'pending' : 'skipped';
}

/** Reports whether the filter selects the failure. */
export function matchesFilter(failure: FailedMessage, filter: ReplayFilter): boolean {
  const { code, group, from, to, since = -Infinity, until = Infinity } = filter;
  return (
    (code === undefined || failure.code === code) &&
    (group === undefined || failure.group.key === group) &&
    (from === undefined || failure.from === from) &&
    (to === undefined || failure.to === to) &&
    failure.sentAt >= since &&
    failure.sentAt < until
  );
}

/**
 * Takes or renews the job's lease until `until`. `held` is the caller's current lease. Returns undefined if the job
 * has ended or another process holds the lease.
 */
export function leased(job: ReplayJob, lease: number, now: number, until: number): ReplayJob | undefined {
  const isFree = job.lease <= now || job.lease === lease;
  return job.state === 'running' && isFree ? { ...job, lease: until } : undefined;
}

/** Ends a running job. Returns undefined if it has ended already. */
export function ended(job: ReplayJob, state: 'done' | 'cancelled', at: number): ReplayJob | undefined {
  return job.state === 'running' ? { ...job, state, endedAt: at } : undefined;
}
