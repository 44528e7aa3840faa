import { DomainError } from '../../domain/errors.js';
import {
  ended,
  newReplayJob,
  rateOf,
  type ReplayFilter,
  type ReplayJob,
} from '../../domain/failures/replay-job.js';
import type { Clock, IdSource } from '../ports/clock.js';
import type { FailureSets, ReplayJobs } from '../ports/failures.js';
import { RecentCounts } from './recent-counts.js';

/** No bulk replay has this id. */
export class UnknownReplay extends DomainError {
  readonly code = 'unknown-replay';

  constructor() {
    super('No bulk replay has this id.');
  }
}

export interface BulkReplayOrder {
  readonly filter: ReplayFilter;
  /** Messages per second. */
  readonly rate: number;
  readonly by?: string;
}

/**
 * The progress of a bulk replay, about a second old while it runs. When it is done, `published` and `skipped` add
 * up to `total`.
 */
export interface ReplayProgress extends Pick<ReplayJob, 'id' | 'state' | 'total' | 'rate'> {
  readonly published: number;
  readonly skipped: number;
  readonly failedAgain: number;
}

/** Replays many failures in the background. All methods reject with `DependencyUnavailable` or `UnknownReplay`. */
export class BulkReplays {
  private readonly recentCounts: RecentCounts;

  constructor(
    private readonly jobs: ReplayJobs,
    private readonly sets: Pick<FailureSets, 'select' | 'counts'>,
    private readonly ids: IdSource,
    private readonly clock: Pick<Clock, 'now' | 'elapsed'>,
    /** Called when a job has been inserted, so that a runner starts it. */
    private readonly onBegun: () => void,
  ) {
    this.recentCounts = new RecentCounts(sets, clock);
  }

  /** Counts the failures that the filter selects now. */
  async count(filter: ReplayFilter): Promise<number> {
    const { count } = await this.sets.select(filter, this.clock.now());
    return count;
  }

  async begin(order: BulkReplayOrder): Promise<ReplayJob> {
    const createdAt = this.clock.now();
    const id = this.ids.next(createdAt);
    const { count: total, before } = await this.sets.select(order.filter, createdAt);
    const job = newReplayJob({ ...order, id, createdAt, before, total });
    await this.jobs.insert(job);
    this.onBegun();
    return job;
  }

  async progress(id: string): Promise<ReplayProgress> {
    const job = await this.jobs.find(id);
    if (job === undefined) throw new UnknownReplay();
    // The counts of a job that has ended are final, so a recent count is not good enough.
    const counting = job.state === 'running' ? this.recentCounts.of(id) : this.sets.counts(id);
    const { published, failedAgain, ...counts } = await counting;
    // Failures that an operator or another bulk replay took first have no mark of this one.
    const skipped = job.state === 'done' ? Math.max(counts.skipped, job.total - published) : counts.skipped;
    const total = Math.max(job.total, published + skipped);
    return { id, state: job.state, total, published, skipped, failedAgain, rate: rateOf(job) };
  }

  async cancel(id: string): Promise<ReplayProgress> {
    await this.jobs.change(id, (job) => ended(job, 'cancelled', this.clock.now()));
    return this.progress(id);
  }
}
