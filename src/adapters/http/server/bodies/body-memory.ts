/** A quarter of the memory is for `send` only: large requests must not keep single messages out. */
export type BodyKind = 'send' | 'other';

/** What one body holds of the memory. */
export interface BodyShare {
  /** Adds bytes that came; false, with nothing added, where they do not fit, and after `release`. */
  take(bytes: number): boolean;
  /** Gives back everything. May be called twice. */
  release(): void;
}

/** Counts the bytes of request bodies that a process holds at once, and bounds them. */
export class BodyMemory {
  private readonly bytesForOthers: number;
  private heldBySends = 0;
  private heldByOthers = 0;

  /** A body of `largestBody` bytes must fit, so the part for sends is smaller where `totalBytes` leaves less beside it. */
  constructor(
    private readonly totalBytes: number,
    largestBody: number,
  ) {
    this.bytesForOthers = totalBytes - Math.min(Math.floor(totalBytes / 4), totalBytes - largestBody);
  }

  /** Held at the moment. */
  get bytes(): number {
    return this.heldBySends + this.heldByOthers;
  }

  open(kind: BodyKind): BodyShare {
    return new Share((bytes) => this.add(kind, bytes));
  }

  private add(kind: BodyKind, bytes: number): boolean {
    if (this.bytes + bytes > this.totalBytes) return false;
    if (kind === 'send') this.heldBySends += bytes;
    else if (this.heldByOthers + bytes > this.bytesForOthers) return false;
    else this.heldByOthers += bytes;
    return true;
  }
}

class Share implements BodyShare {
  private bytes = 0;
  private isReleased = false;

  constructor(private readonly add: (bytes: number) => boolean) {}

  take(bytes: number): boolean {
    if (this.isReleased || !this.add(bytes)) return false;
    this.bytes += bytes;
    return true;
  }

  release(): void {
    this.isReleased = true;
    this.add(-this.bytes);
    this.bytes = 0;
  }
}
