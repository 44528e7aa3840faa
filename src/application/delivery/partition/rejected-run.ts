import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../../ports/delivery/ledger.js';
import { sizeOf, type Item } from '../item.js';

/** Whether the record was rejected on decoding: nothing was ever to be settled but its dead letter. */
export function isRejectedRecord({ step, entry }: Item): boolean {
  return step.kind === 'publish' && entry === undefined;
}

/**
 * Items whose dead letters are published together and then recorded together, in the order of the log: no more than one
 * transaction of the ledger holds.
 */
export class RejectedRun {
  readonly items: Item[] = [];
  private bytes = 0;

  /** Takes the item if there is room for it; there always is for the first one. */
  take(item: Item): boolean {
    const bytes = this.bytes + sizeOf(item);
    const isFull = this.items.length === MAX_BATCH_ENTRIES || bytes > MAX_BATCH_BYTES;
    if (isFull && this.items.length > 0) return false;
    this.items.push(item);
    this.bytes = bytes;
    return true;
  }
}
