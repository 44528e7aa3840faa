import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../ports/ledger.js';
import { sizeOf, type Item } from './item.js';
import { Lanes } from './lanes.js';

/**
 * The taken and unfinished items of one partition, in the order of the log. Batches are taken from the front; what is
 * not finished comes back to the front. An item that has to wait is set aside: it blocks its lane, and the lane's later
 * items park behind it, while everything else goes on.
 */
export class Backlog {
  private items: Item[] = [];
  private readonly lanes: Lanes;
  /** Items at the front that failed together: taken in halves until the culprit is alone. */
  private suspects = 0;
  private batchSize = MAX_BATCH_ENTRIES;

  constructor(
    parkedMax: number,
    /** Called for an item that blocks its lane now, to do what it waits for, and to release it then. */
    private readonly onSetAside: (item: Item) => void,
  ) {
    this.lanes = new Lanes(parkedMax);
  }

  /** Items that are neither in a batch nor set aside. */
  get length(): number {
    return this.items.length;
  }

  get parked(): number {
    return this.lanes.size;
  }

  push(item: Item): void {
    this.items.push(item);
  }

  putBack(items: readonly Item[]): void {
    this.items = [...items, ...this.items];
  }

  /** The item may go on, and what parks behind it. */
  release({ lane }: Item): void {
    this.putBack(this.lanes.release(lane));
  }

  clear(): void {
    this.items = [];
  }

  /** Puts back a batch that failed as a whole, to be taken in halves. */
  halve(batch: readonly Item[]): void {
    this.putBack(batch);
    this.suspects = batch.length;
    this.batchSize = Math.ceil(batch.length / 2);
  }

  /** So many items are no longer suspected of having failed a batch. */
  acquit(count: number): void {
    this.suspects -= count;
    if (this.suspects <= 0) this.batchSize = MAX_BATCH_ENTRIES;
  }

  /** Takes from the front what may be settled together now; empty when nothing may go on by itself. */
  nextBatch(): readonly Item[] {
    const batch: Item[] = [];
    let bytes = 0;
    let taken = 0;
    for (const item of this.items) {
      if (this.mustWait(item)) {
        // What of its lane is in this batch has to be finished before its own step begins.
        if (this.lanes.full || batch.some(({ lane }) => lane === item.lane)) break;
        this.setAside(item);
      } else {
        const alone = item.step.kind === 'settle-alone';
        bytes += sizeOf(item);
        if (batch.length > 0 && (alone || batch.length === this.batchSize || bytes > MAX_BATCH_BYTES)) break;
        batch.push(item);
        if (alone) {
          taken += 1;
          break;
        }
      }
      taken += 1;
    }
    this.items.splice(0, taken);
    return batch;
  }

  private mustWait({ step, lane }: Item): boolean {
    return step.kind === 'wait' || step.kind === 'bury' || this.lanes.isBlocked(lane);
  }

  private setAside(item: Item): void {
    if (this.lanes.isBlocked(item.lane)) {
      this.lanes.park(item);
      return;
    }
    this.lanes.block(item);
    this.onSetAside(item);
  }
}
