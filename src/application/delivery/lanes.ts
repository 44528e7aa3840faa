import type { Item } from './item.js';

interface Lane {
  readonly head: Item;
  readonly behind: Item[];
}

/** The lanes whose first item waits (for its retry, or for its dead letter), with what waits behind it. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private waiting = 0;

  constructor(private readonly max: number) {}

  get size(): number {
    return this.waiting;
  }

  get full(): boolean {
    return this.waiting >= this.max;
  }

  isBlocked(lane: string): boolean {
    return this.lanes.has(lane);
  }

  block(head: Item): void {
    this.lanes.set(head.lane, { head, behind: [] });
    this.waiting += 1;
  }

  park(item: Item): void {
    this.lanes.get(item.lane)?.behind.push(item);
    this.waiting += 1;
  }

  /** Opens the lane; gives back what waited, in the order of the log. */
  release(name: string): readonly Item[] {
    const lane = this.lanes.get(name);
    if (lane === undefined) return [];
    this.lanes.delete(name);
    this.waiting -= 1 + lane.behind.length;
    return [lane.head, ...lane.behind];
  }
}
