import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../../ports/ledger.js';
import { sizeOf, type Item } from '../item.js';
import { BlockedKeys } from './blocked-keys.js';
import { isRejectedRecord, RejectedRun } from './rejected-run.js';

/**
 * The unfinished items of one partition, in log order. Batches are taken from the front, and unfinished items
 * return to the front. An item that must wait is set aside: it blocks its ordering key, and later items with that
 * key are parked behind it, while all others continue. Rejected records are set aside in runs.
 */
export class Backlog {
  private items: Item[] = [];
  private readonly blocked: BlockedKeys;
  /**
   * The number of items at the front that failed together. They are taken in halves until the failing item is alone.
   */
  private suspects = 0;
  private batchSize = MAX_BATCH_ENTRIES;
  /** Collects the rejected records that the current scan finds. */
  private run: RejectedRun | undefined;

  constructor(
    parkedMax: number,
    /**
     * Called with items that have been set aside. The callee does the step that they wait for, and then
     * releases them.
     */
    private readonly onSetAside: (items: readonly Item[]) => void,
  ) {
    this.blocked = new BlockedKeys(parkedMax);
  }

  /** The number of items that are neither in a batch nor set aside. */
  get length(): number {
    return this.items.length;
  }

  get parked(): number {
    return this.blocked.size;
  }

  push(item: Item): void {
    this.items.push(item);
  }

  putBack(items: readonly Item[]): void {
    this.items = [...items, ...this.items];
  }

  /**
   * Returns the items and those parked behind them to the front. They must include all first items of their
   * keys.
   */
  release(items: readonly Item[]): void {
    this.putBack([...items, ...this.blocked.release(items)]);
  }

  clear(): void {
    this.items = [];
  }

  /** Puts back a batch that failed as a whole. It is then taken in halves. */
  split(batch: readonly Item[]): void {
    this.putBack(batch);
    this.suspects = batch.length;
    this.batchSize = Math.ceil(batch.length / 2);
  }

  /** Puts back, with its next step, an item that failed alone. */
  putBackFailed(item: Item): void {
    this.putBack([item]);
    this.clearSuspects(1);
  }

  /** Records that the first `count` items did not cause the failure of their batch. */
  clearSuspects(count: number): void {
    this.suspects -= count;
    if (this.suspects <= 0) this.batchSize = MAX_BATCH_ENTRIES;
  }

  /** Takes items from the front that can be settled together; empty if every item has to wait. */
  nextBatch(): readonly Item[] {
    const batch: Item[] = [];
    let bytes = 0;
    let taken = 0;
    for (const item of this.items) {
      if (this.mustWait(item)) {
        // Earlier items with the same key must finish before this item's step begins.
        if (this.blocked.full || batch.some(({ orderingKey }) => orderingKey === item.orderingKey)) break;
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
    this.endRun();
    return batch;
  }

  private mustWait({ step, orderingKey }: Item): boolean {
    return step.kind === 'retry' || step.kind === 'publish' || this.blocked.isBlocked(orderingKey);
  }

  private setAside(item: Item): void {
    if (this.blocked.isBlocked(item.orderingKey)) {
      const joined = this.run !== undefined && isRejectedRecord(item) && this.blocked.join(item, this.run);
      if (!joined) this.blocked.park(item);
    } else if (isRejectedRecord(item)) {
      this.blocked.block(item, this.runWith(item));
    } else {
      this.blocked.block(item);
      this.onSetAside([item]);
    }
  }

  private runWith(item: Item): RejectedRun {
    if (this.run?.take(item)) return this.run;
    this.endRun();
    this.run = new RejectedRun();
    this.run.take(item);
    return this.run;
  }

  private endRun(): void {
    const { run } = this;
    this.run = undefined;
    if (run !== undefined) this.onSetAside(run.items);
  }
}
