import type { Archive, FailureSummary } from '../../application/ports/archive.js';
import type { CancelTimer, Clock } from '../../application/ports/clock.js';

const REFRESH_MS = 10_000;
const RETRY_MS = 2_000;
/** The shortest pause between two counts, however long the first one took. */
const MIN_PAUSE_MS = 1_000;
const MAX_AGE_MS = 15_000;

/** Counts failures periodically in the background. A scrape reads the last count and never queries the store. */
export class FailureCounts {
  private latest: { readonly summary: FailureSummary; readonly at: number } | undefined;
  private cancel: CancelTimer | undefined;
  private stopped = false;

  constructor(
    private readonly archive: Pick<Archive, 'summary'>,
    private readonly clock: Clock,
  ) {}

  start(): void {
    void this.count();
  }

  /** May be called twice. */
  stop(): void {
    this.stopped = true;
    this.cancel?.();
  }

  /** The last count; undefined while the store is down, or if it has not answered for 15 s. */
  recent(): FailureSummary | undefined {
    const { latest } = this;
    return latest && this.clock.elapsed() - latest.at <= MAX_AGE_MS ? latest.summary : undefined;
  }

  private async count(): Promise<void> {
    const began = this.clock.elapsed();
    let pause = RETRY_MS;
    try {
      const summary = await this.archive.summary();
      const at = this.clock.elapsed();
      this.latest = { summary, at };
      pause = Math.max(MIN_PAUSE_MS, REFRESH_MS - (at - began));
    } catch {
      // Other callers of the store meet and report the same error.
      this.latest = undefined;
    }
    if (!this.stopped) this.cancel = this.clock.after(pause, () => void this.count());
  }
}
