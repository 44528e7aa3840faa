/** The progress in one partition. */
export interface Finished<R> {
  /** The offset to resume from after a crash: the lowest unfinished one. */
  readonly next: number;
  /** The record taken before `next`; undefined if there was none or it was released. */
  readonly last: R | undefined;
}

/** Tracks which records of one partition are unfinished. Records must be taken in ascending offset order. */
export class OffsetTracker<R extends { readonly offset: number }> {
  /** Maps each unfinished offset to the record taken before it, in the order of taking. */
  private readonly unfinished = new Map<number, R | undefined>();
  private next: number | undefined;
  private last: R | undefined;

  take(record: R): void {
    this.unfinished.set(record.offset, this.last);
    this.last = record;
    this.next = record.offset + 1;
  }

  finish(offset: number): void {
    this.unfinished.delete(offset);
  }

  /** Releases the last record if nothing is unfinished. Its buffer may keep a whole fetch in memory. */
  releaseLast(): void {
    if (this.unfinished.size === 0) this.last = undefined;
  }

  get pending(): number {
    return this.unfinished.size;
  }

  /** Undefined until the first record is taken. */
  get finished(): Finished<R> | undefined {
    // A Map iterates in insertion order, which is offset order here.
    for (const [next, last] of this.unfinished) return { next, last };
    return this.next === undefined ? undefined : { next: this.next, last: this.last };
  }
}
