import type { Item } from '../item.js';
import type { RejectedRun } from './rejected-run.js';

interface BlockedKey {
  /** The run of the first items, if they are rejected records. */
  readonly run: RejectedRun | undefined;
  heads: number;
  readonly behind: Item[];
}

/**
 * The ordering keys whose first items wait for a retry or for their dead letters, with the items parked behind them.
 */
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

  isBlocked(orderingKey: string): boolean {
    return this.keys.has(orderingKey);
  }

  block({ orderingKey }: Item, run?: RejectedRun): void {
    this.keys.set(orderingKey, { run, heads: 1, behind: [] });
    this.waiting += 1;
  }

  /**
   * Adds the item to the first items if they belong to this run, the run has space, and no item is parked behind them.
   */
  join(item: Item, run: RejectedRun): boolean {
    const blocked = this.keys.get(item.orderingKey);
    if (blocked?.run !== run || blocked.behind.length > 0 || !run.take(item)) return false;
    blocked.heads += 1;
    this.waiting += 1;
    return true;
  }

  park(item: Item): void {
    this.keys.get(item.orderingKey)?.behind.push(item);
    this.waiting += 1;
  }

  /**
   * Unblocks the keys of the items, which must include all first items of these keys. Returns the items
   * parked behind them.
   */
  release(items: readonly Item[]): readonly Item[] {
    return [...new Set(items.map(({ orderingKey }) => orderingKey))].flatMap((key) => {
      const blocked = this.keys.get(key);
      if (blocked === undefined) return [];
      this.keys.delete(key);
      this.waiting -= blocked.heads + blocked.behind.length;
      return blocked.behind;
    });
  }
}
