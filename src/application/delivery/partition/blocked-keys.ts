import type { Item } from '../item.js';
import type { RejectedRun } from './rejected-run.js';

interface BlockedKey {
  /** What the first items wait in, if they are rejected records. */
  readonly run: RejectedRun | undefined;
  heads: number;
  readonly behind: Item[];
}

/** The lanes whose first items wait (for a retry, or for their dead letters), with what waits behind them. */
export class BlockedKeys {
  private readonly keys = new Map<string, BlockedKey>();
  private waiting = 0;

  constructor(private readonly max: number) {}

  get size(): number {
    return this.waiting;
  }

  get full(): boolean {
    return this.waiting >= this.max;
  }

  isBlocked(lane: string): boolean {
    return this.keys.has(lane);
  }

  block({ lane }: Item, run?: RejectedRun): void {
    this.keys.set(lane, { run, heads: 1, behind: [] });
    this.waiting += 1;
  }

  /** Adds the item to the first ones if they are in this run, it has room, and nothing waits in between. */
  join(item: Item, run: RejectedRun): boolean {
    const lane = this.keys.get(item.lane);
    if (lane?.run !== run || lane.behind.length > 0 || !run.take(item)) return false;
    lane.heads += 1;
    this.waiting += 1;
    return true;
  }

  park(item: Item): void {
    this.keys.get(item.lane)?.behind.push(item);
    this.waiting += 1;
  }

  /** Opens the lanes of the items, which are all that these began with; gives back what waited behind them. */
  release(items: readonly Item[]): readonly Item[] {
    return [...new Set(items.map(({ lane }) => lane))].flatMap((name) => {
      const lane = this.keys.get(name);
      if (lane === undefined) return [];
      this.keys.delete(name);
      this.waiting -= lane.heads + lane.behind.length;
      return lane.behind;
    });
  }
}
