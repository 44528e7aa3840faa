import type { PendingSend } from './send-batch.js';

const BATCH_MAX_RECORDS = 500;
const BATCH_MAX_BYTES = 512 * 1024;

export interface QueueLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** Sends that wait for their append, in the order of their deadlines. */
export class WaitingSends {
  private sends: PendingSend[] = [];
  private recordCount = 0;
  private byteCount = 0;

  constructor(private readonly limits: QueueLimits) {}

  get isEmpty(): boolean {
    return this.sends.length === 0;
  }

  get records(): number {
    return this.recordCount;
  }

  get bytes(): number {
    return this.byteCount;
  }

  get firstDeadline(): number | undefined {
    return this.sends[0]?.deadline;
  }

  isFullFor(records: number, bytes: number): boolean {
    const { maxRecords, maxBytes } = this.limits;
    return this.recordCount + records > maxRecords || this.byteCount + bytes > maxBytes;
  }

  push(send: PendingSend): void {
    this.sends.push(send);
    this.recordCount += send.records.length;
    this.byteCount += send.size;
  }

  /** Removes and returns the first sends, as many as fit into one append. */
  takeBatch(): PendingSend[] {
    return this.uncounted(this.sends.splice(0, fitting(this.sends).count));
  }

  /** Removes and returns the sends whose deadline has passed. */
  takeExpired(now: number): PendingSend[] {
    const first = this.sends.findIndex((send) => send.deadline > now);
    return this.uncounted(this.sends.splice(0, first < 0 ? this.sends.length : first));
  }

  /** Removes and returns the matching sends; the others keep their order. */
  takeWhere(matches: (send: PendingSend) => boolean): PendingSend[] {
    const taken: PendingSend[] = [];
    const left: PendingSend[] = [];
    for (const send of this.sends) (matches(send) ? taken : left).push(send);
    this.sends = left;
    return this.uncounted(taken);
  }

  private uncounted(sends: PendingSend[]): PendingSend[] {
    for (const { records, size } of sends) {
      this.recordCount -= records.length;
      this.byteCount -= size;
    }
    return sends;
  }
}

/**
 * Returns how many of the first sends fit into one append, and their bytes. The first send always fits, however
 * large it is.
 */
export function fitting(sends: readonly Pick<PendingSend, 'records' | 'size'>[]): {
  readonly count: number;
  readonly bytes: number;
} {
  let [count, records, bytes] = [0, 0, 0];
  for (const send of sends) {
    const isFull = records + send.records.length > BATCH_MAX_RECORDS || bytes + send.size > BATCH_MAX_BYTES;
    if (count > 0 && isFull) break;
    count += 1;
    records += send.records.length;
    bytes += send.size;
  }
  return { count, bytes };
}
