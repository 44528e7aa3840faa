import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../../ports/delivery/ledger.js';
import { sizeOf, type Item } from '../item.js';
import { BlockedKeys } from './blocked-keys.js';
import { isRejectedRecord, RejectedRun } from './rejected-run.js';

/**
 * The taken and unfinished items of one partition, in the order of the log. Batches are taken from the front; what is
 * not finished comes back to the front. An item that has to wait is set aside: it blocks its lane, and the lane's later
 * items park behind it, while everything else goes on. Rejected records are set aside in runs.
 */
export class Backlog {
  private items: Item[] = [];
  private readonly blocked: BlockedKeys;
  /** Items at the front that failed together: taken in halves until the culprit is alone. */
  private suspects = 0;
  private batchSize = MAX_BATCH_ENTRIES;
  /** Takes more of the rejected records that the scan under way comes across. */
  private run: RejectedRun | undefined;

  constructor(
    parkedMax: number,
    /** Called with items that block their lanes now, to do what they wait for, and to release them then. */
    private readonly onSetAside: (items: readonly Item[]) => void,
  ) {
    this.blocked = new BlockedKeys(parkedMax);
  }

  /** Items that are neither in a batch nor set aside. */
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

  /** The items may go on, and what parks behind them. Of each lane they are all that blocks it. */
  release(items: readonly Item[]): void {
    this.putBack([...items, ...this.blocked.release(items)]);
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
  clearSuspects(count: number): void {
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
        if (this.blocked.full || batch.some(({ lane }) => lane === item.lane)) break;
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

  private mustWait({ step, lane }: Item): boolean {
    return step.kind === 'wait' || step.kind === 'publish' || this.blocked.isBlocked(lane);
  }

  private setAside(item: Item): void {
    if (this.blocked.isBlocked(item.lane)) {
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
