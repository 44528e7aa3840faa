import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../../ports/ledger.js';
import { sizeOf, type Item } from '../item.js';

/** Reports whether the record was rejected on decoding, so that only its dead letter will be settled. */
export function isRejectedRecord({ step, entry }: Item): boolean {
  return step.kind === 'publish' && entry === undefined;
}

/**
 * Items whose dead letters are published together and then recorded together, in log order. A run fits into one
 * transaction of the ledger.
 */
export class RejectedRun {
  readonly items: Item[] = [];
  private bytes = 0;

  /** Adds the item if it fits. The first item always does. */
  take(item: Item): boolean {
    const bytes = this.bytes + sizeOf(item);
    const isFull = this.items.length === MAX_BATCH_ENTRIES || bytes > MAX_BATCH_BYTES;
    if (isFull && this.items.length > 0) return false;
    this.items.push(item);
    this.bytes = bytes;
    return true;
  }
}
