import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../ports/ledger.js';
import type { ImportEntry } from './settle-all.js';

/** UTF-8 takes at most three bytes for a UTF-16 code unit. */
const BYTES_PER_UNIT = 3;

/** Yields the entries in order, in as few batches as fit into one transaction of the ledger each. */
export function* batchesOf(entries: readonly ImportEntry[]): Generator<readonly ImportEntry[]> {
  let batch: ImportEntry[] = [];
  let bytes = 0;
  for (const taken of entries) {
    const size = sizeOf(taken);
    if (batch.length === MAX_BATCH_ENTRIES || (batch.length > 0 && bytes + size > MAX_BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(taken);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function sizeOf({ letter: { message, value } }: ImportEntry): number {
  return message.length * BYTES_PER_UNIT + (value?.length ?? 0);
}
