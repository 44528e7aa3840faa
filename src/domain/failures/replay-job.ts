import type { FailedMessage, JobMark } from './failed-message.js';

export type ReplayJobState = 'running' | 'done' | 'cancelled';

/** Which failures a bulk replay is for, in the words of who asked for it; times are milliseconds since the epoch. */
export interface ReplayFilter {
  readonly code?: string;
  readonly group?: string;
  readonly from?: string;
  readonly to?: string;
  readonly since?: number;
  readonly until?: number;
}

/** A bulk replay. Which failures it has taken stands with those; this is what whoever runs it needs to know. */
export interface ReplayJob {
  /** 24 hex digits. */
  readonly id: string;
  readonly state: ReplayJobState;
  readonly filter: ReplayFilter;
  /** Messages a second. */
  readonly rate: number;
  /** How many there were when it began. */
  readonly total: number;
  readonly createdAt: number;
  readonly by?: string;
  /** Until when the process that runs it has it for itself. */
  readonly lease: number;
  readonly endedAt?: number;
}

export type NewReplayJob = Pick<ReplayJob, 'id' | 'filter' | 'rate' | 'total' | 'createdAt' | 'by'>;

export function newReplayJob(given: NewReplayJob): ReplayJob {
  return { ...given, state: 'running', lease: 0 };
}

/** What became of a failure in a bulk replay that has marked it. What failed again had been published. */
export type MarkFate = 'published' | 'failed-again' | 'skipped' | 'pending';

/**
 * A replay is pending while it has its lease. Where that is gone, or belongs to another replay, and the log was not
 * known to have it, a person has discarded the failure or forced another replay: the bulk replay has skipped it.
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

/** Whether a failure is meant by a filter. */
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

/** Whoever runs it goes on doing so; another one may only when the lease is over. Undefined where that is not so. */
export function leased(job: ReplayJob, held: number, now: number, until: number): ReplayJob | undefined {
  const isFree = job.lease <= now || job.lease === held;
  return job.state === 'running' && isFree ? { ...job, lease: until } : undefined;
}

/** running → done or cancelled; what has ended stays as it ended. */
export function ended(job: ReplayJob, state: 'done' | 'cancelled', at: number): ReplayJob | undefined {
  return job.state === 'running' ? { ...job, state, endedAt: at } : undefined;
}
