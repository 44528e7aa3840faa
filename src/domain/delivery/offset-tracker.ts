/** How far one partition is finished. */
export interface Finished<R> {
  /** The offset to go on from after a crash: the lowest unfinished one. */
  readonly next: number;
  /** The record taken before `next`; undefined where none was, or where it was let go. */
  readonly last: R | undefined;
}

/** Knows which taken records of one partition are unfinished. Records are taken in rising offset order. */
export class OffsetTracker<R extends { readonly offset: number }> {
  /** By offset, in the order of taking: the record that was taken before. */
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

  /** Stops holding the last record where everything is finished. Its bytes may keep a whole fetch in memory. */
  releaseLast(): void {
    if (this.unfinished.size === 0) this.last = undefined;
  }

  get pending(): number {
    return this.unfinished.size;
  }

  /** Undefined while nothing was taken. */
  get finished(): Finished<R> | undefined {
    // A Map keeps the order of insertion, which is the order of offsets.
    for (const [next, last] of this.unfinished) return { next, last };
    return this.next === undefined ? undefined : { next: this.next, last: this.last };
  }
}
