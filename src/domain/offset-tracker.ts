/** Knows which taken offsets of one partition are unfinished. Offsets are taken in rising order. */
export class OffsetTracker {
  private readonly unfinished = new Set<number>();
  private next: number | undefined;

  take(offset: number): void {
    this.unfinished.add(offset);
    this.next = offset + 1;
  }

  finish(offset: number): void {
    this.unfinished.delete(offset);
  }

  get pending(): number {
    return this.unfinished.size;
  }

  /** The offset to go on from after a crash: the lowest unfinished one. Undefined while nothing was taken. */
  get committable(): number | undefined {
    // A Set keeps the order of insertion, which is the order of offsets.
    const lowest = this.unfinished.values().next();
    return lowest.done === true ? this.next : lowest.value;
  }
}
