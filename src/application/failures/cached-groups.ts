import { CLOCK_DIFFERENCE_MS } from '../../domain/failures/lease.js';
import type { FailureGroups, GroupSummary, GroupCounts, GroupCountStore } from '../ports/failures.js';
import type { Clock } from '../ports/clock.js';
import { every, settledWithin, type Repetition } from '../timing.js';
import { dated, isComplete, type DatedCounts, type GroupCounter } from './group-counter.js';

const FRESH_MS = 1_000;
const STALE_MS = 120_000;
const RECOUNT_MS = 60_000;
const LEAST_PAUSE_MS = 1_000;
const WAIT_FOR_COUNT_MS = 50;
/** After a count that took this long, callers do not wait for the next one. */
const SLOW_MS = 2 * WAIT_FOR_COUNT_MS;

/**
 * Caches the groups of failures, because counting millions takes longer than a caller should wait. A caller gets
 * new counts if they are ready soon, otherwise the last ones of this process or of the store, while a new count
 * runs. After `start`, the counts of all processes together are at most about a minute old.
 */
export class CachedGroups implements FailureGroups {
  /** Complete counts. */
  private latest: DatedCounts | undefined;
  private recounts: Repetition | undefined;
  private counting: Promise<DatedCounts> | undefined;

  constructor(
    private readonly counter: GroupCounter,
    private readonly store: Pick<GroupCountStore, 'last'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns new counts if they are ready soon, otherwise the last known ones of any age. Waits only if none are known.
   */
  async counts(): Promise<GroupCounts> {
    const { latest } = this;
    if (latest !== undefined && this.ageOf(latest) < FRESH_MS) return this.shown(latest);
    const counting = this.count();
    const known = latest !== undefined && this.ageOf(latest) < STALE_MS ? latest : await this.newestKnown();
    if (known === undefined) return this.shown(await counting);
    if (known.counts.tookMs >= SLOW_MS) return this.shown(known);
    return this.shown((await settledWithin(this.clock, WAIT_FOR_COUNT_MS, counting)) ?? known);
  }

  /** Returns all groups, at most two minutes old. */
  async groups(): Promise<readonly GroupSummary[]> {
    const { latest } = this;
    const age = latest === undefined ? Infinity : this.ageOf(latest);
    if (latest !== undefined && age < FRESH_MS) return latest.counts.groups;
    const counting = this.count();
    if (latest === undefined || age >= STALE_MS) return (await counting).counts.groups;
    return ((await settledWithin(this.clock, WAIT_FOR_COUNT_MS, counting)) ?? latest).counts.groups;
  }

  start(): void {
    let maxAgeMs = 0;
    this.recounts = every(this.clock, RECOUNT_MS, () => {
      const pauseMs = this.countWhenDue(maxAgeMs);
      maxAgeMs = RECOUNT_MS;
      return pauseMs;
    });
  }

  /** May be called twice. */
  async stop(): Promise<void> {
    // A count in flight ends when the counter stops.
    void this.recounts?.stop();
    await this.counter.stop();
  }

  /** Counts unless another process has counted within `maxAgeMs`. Resolves with the pause before the next count. */
  private async countWhenDue(maxAgeMs: number): Promise<number> {
    let pauseMs = RECOUNT_MS;
    try {
      const known = await this.newestKnown();
      if (known !== undefined && isComplete(known.counts)) this.latest = known;
      if (known === undefined || this.ageOf(known) >= maxAgeMs) await this.count();
      if (this.latest !== undefined) pauseMs -= this.ageOf(this.latest);
    } catch {
      // Nothing can be counted while the store is down.
    }
    return Math.max(LEAST_PAUSE_MS, pauseMs);
  }

  /** Returns the newer counts of this process and of the store. Rejects if the store is down. */
  private async newestKnown(): Promise<DatedCounts | undefined> {
    const stored = await this.stored();
    const { latest } = this;
    return latest === undefined || (stored !== undefined && stored.at > latest.at) ? stored : latest;
  }

  private async stored(): Promise<DatedCounts | undefined> {
    const counts = await this.store.last();
    // Counts from the future were made by a wrong clock, so their age is unknown.
    const isOfFuture = counts !== undefined && counts.asOf > this.clock.now() + CLOCK_DIFFERENCE_MS;
    return counts === undefined || isOfFuture ? undefined : dated(counts, this.clock);
  }

  private count(): Promise<DatedCounts> {
    if (this.counting === undefined) {
      this.counting = this.recount().finally(() => {
        this.counting = undefined;
      });
      // Not every caller awaits it.
      this.counting.catch(() => undefined);
    }
    return this.counting;
  }

  private async recount(): Promise<DatedCounts> {
    this.latest = await this.counter.count();
    return this.latest;
  }

  private shown({ counts }: DatedCounts): GroupCounts {
    return { ...counts, asOf: Math.min(counts.asOf, this.clock.now()) };
  }

  private ageOf({ at }: DatedCounts): number {
    return this.clock.elapsed() - at;
  }
}
