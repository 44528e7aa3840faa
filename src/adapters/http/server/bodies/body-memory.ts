/** A quarter of the memory is reserved for `send`, so that large requests cannot block single sends. */
export type BodyKind = 'send' | 'other';

/** The part of the memory that one body holds. */
export interface BodyShare {
  /** Adds received bytes. Returns false and adds nothing if they do not fit, or after `release`. */
  take(bytes: number): boolean;
  /** Returns all bytes to the memory. May be called twice. */
  release(): void;
}

/** Counts the bytes of all request bodies that the process holds, and limits them. */
export class BodyMemory {
  private readonly bytesForOthers: number;
  private heldBySends = 0;
  private heldByOthers = 0;

  /** A body of `largestBody` bytes must fit, so the part reserved for sends shrinks if `totalBytes` is small. */
  constructor(
    private readonly totalBytes: number,
    largestBody: number,
  ) {
    this.bytesForOthers = totalBytes - Math.min(Math.floor(totalBytes / 4), totalBytes - largestBody);
  }

  /** The bytes held now. */
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
