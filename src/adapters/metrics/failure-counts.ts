import type { Archive, FailureSummary } from '../../application/ports/archive.js';
import type { Clock } from '../../application/ports/clock.js';
import { every, type Repetition } from '../../application/timing.js';

const REFRESH_MS = 10_000;
const RETRY_MS = 2_000;
/** The shortest pause between two counts, however long the first one took. */
const MIN_PAUSE_MS = 1_000;
const MAX_AGE_MS = 15_000;

/** Counts failures periodically in the background. A scrape reads the last count and never queries the store. */
export class FailureCounts {
  private latest: { readonly summary: FailureSummary; readonly at: number } | undefined;
  private counts: Repetition | undefined;

  constructor(
    private readonly archive: Pick<Archive, 'summary'>,
    private readonly clock: Clock,
  ) {}

  start(): void {
    this.counts = every(this.clock, REFRESH_MS, () => this.count());
  }

  /** May be called twice. */
  stop(): void {
    void this.counts?.stop();
  }

  /** The last count; undefined while the store is down, or if it has not answered for 15 s. */
  recent(): FailureSummary | undefined {
    const { latest } = this;
    return latest && this.clock.elapsed() - latest.at <= MAX_AGE_MS ? latest.summary : undefined;
  }

  /** Resolves with the pause before the next count. */
  private async count(): Promise<number> {
    const began = this.clock.elapsed();
    try {
      const summary = await this.archive.summary();
      const at = this.clock.elapsed();
      this.latest = { summary, at };
      return Math.max(MIN_PAUSE_MS, REFRESH_MS - (at - began));
    } catch {
      // Other callers of the store meet and report the same error.
      this.latest = undefined;
      return RETRY_MS;
    }
  }
}
