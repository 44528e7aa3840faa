import type { Clock } from '../ports/clock.js';
import type { FailureSets, ReplayCounts } from '../ports/failures.js';

const FRESH_MS = 1_000;

interface Count {
  readonly result: Promise<ReplayCounts>;
  /** When the result arrived, by `Clock.elapsed`; undefined until then. */
  at?: number;
}

/**
 * Counts the failures of bulk replays by result. Callers share a count until it is a second old, because counting
 * reads every failure that the bulk replay has marked. A counter in the job's document would make all deliveries of
 * replays conflict.
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
