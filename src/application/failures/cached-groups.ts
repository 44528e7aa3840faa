import type { CancelTimer, Clock } from '../ports/clock.js';
import type { FailureGroups, GroupSummary } from '../ports/failure-groups.js';
import { withinTime } from '../send-time-limit.js';

const FRESH_MS = 1_000;
const STALE_MS = 120_000;
const RECOUNT_EVERY_MS = 60_000;
const PATIENCE_MS = 50;

/**
 * Counting millions takes longer than anybody should wait: who asks gets new counts if they are there soon, else those
 * of a moment ago, while they are counted anew. However many ask, there is one count at a time; started, it counts
 * every minute, so that also the first to ask has something to be answered with.
 */
export class CachedGroups implements FailureGroups {
  private latest: { readonly at: number; readonly groups: readonly GroupSummary[] } | undefined;
  private cancel: CancelTimer | undefined;
  private counting: Promise<readonly GroupSummary[]> | undefined;

  constructor(
    private readonly source: FailureGroups,
    private readonly clock: Pick<Clock, 'elapsed' | 'after'>,
  ) {}

  async groups(): Promise<readonly GroupSummary[]> {
    const { latest } = this;
    const age = latest ? this.clock.elapsed() - latest.at : Infinity;
    if (latest && age < FRESH_MS) return latest.groups;
    const counting = this.count();
    if (latest === undefined || age >= STALE_MS) return counting;
    return (await withinTime(this.clock, PATIENCE_MS, counting)) ?? latest.groups;
  }

  start(): void {
    // While the store is away there is nothing to keep.
    this.count().catch(() => undefined);
    this.cancel = this.clock.after(RECOUNT_EVERY_MS, () => {
      this.start();
    });
  }

  stop(): void {
    this.cancel?.();
  }

  private count(): Promise<readonly GroupSummary[]> {
    this.counting ??= this.recount().finally(() => {
      this.counting = undefined;
    });
    return this.counting;
  }

  private async recount(): Promise<readonly GroupSummary[]> {
    const at = this.clock.elapsed();
    const groups = await this.source.groups();
    this.latest = { at, groups };
    return groups;
  }
}
