import type { Clock } from '../ports/clock.js';
import type { FailureSets, ReplayCounts } from '../ports/failures/failure-sets.js';

const FRESH_MS = 1_000;

interface Count {
  readonly result: Promise<ReplayCounts>;
  /** When it was there, by elapsed time; undefined while it is made. */
  at?: number;
}

/**
 * What became of the failures of bulk replays, at most a second old. Counting reads every failure that a bulk replay has
 * marked, so that however many ask, each is counted once a second. A counter in the job's document would be written by
 * every delivery, and they would all conflict.
 */
export class RecentCounts {
  private readonly latest = new Map<string, Count>();

  constructor(
    private readonly sets: Pick<FailureSets, 'counts'>,
    private readonly clock: Pick<Clock, 'elapsed'>,
  ) {}

  of(job: string): Promise<ReplayCounts> {
    this.forgetOld();
    const latest = this.latest.get(job);
    if (latest) return latest.result;
    const count: Count = { result: this.sets.counts(job) };
    this.latest.set(job, count);
    const done = (): void => {
      count.at = this.clock.elapsed();
    };
    count.result.then(done, () => this.latest.delete(job));
    return count.result;
  }

  private forgetOld(): void {
    for (const [job, { at = Infinity }] of this.latest) {
      if (this.clock.elapsed() - at >= FRESH_MS) this.latest.delete(job);
    }
  }
}
