/**
 * The most bytes that one batch may decompress to: Kafka's default limit for a request (`socket.request.max.bytes`).
 * Brokers limit batches as they are compressed only, so a small batch could otherwise fill the memory.
 */
export const MAX_BATCH_BYTES = 100 * 1024 * 1024;

const FIRST_CAPACITY = 64 * 1024;

/** Compressed bytes that are damaged, or that decompress to more than `MAX_BATCH_BYTES`. Trying again cannot help. */
export class CorruptBatch extends Error {
  readonly retriable = false;

  constructor(codec: string, reason: string) {
    super(`A batch compressed with ${codec} cannot be decompressed: ${reason}`);
    this.name = 'CorruptBatch';
  }
}

/** Collects decompressed bytes, and copies earlier ones. Grows with what is written, never with what a header claims. */
export class BoundedOutput {
  private buffer = Buffer.allocUnsafe(FIRST_CAPACITY);
  private length = 0;

  constructor(
    private readonly codec: string,
    private readonly maxBytes: number,
  ) {}

  /** Returns the error to throw. */
  readonly corrupt = (reason: string): CorruptBatch => new CorruptBatch(this.codec, reason);

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  get size(): number {
    return this.length;
  }

  append(bytes: Buffer): void {
    this.reserve(bytes.length);
    bytes.copy(this.buffer, this.length);
    this.length += bytes.length;
  }

  /** Repeats `count` bytes that begin `distance` bytes before the end. The ranges may overlap. `from`: the first usable byte. */
  repeat(distance: number, count: number, from = 0): void {
    if (distance < 1 || distance > this.length - from) throw this.corrupt('a copy begins before the data');
    this.reserve(count);
    const end = this.length + count;
    // Each step copies what is there already, so an overlapping copy doubles until it is complete.
    for (const start = this.length - distance; this.length < end;) {
      const step = Math.min(end - this.length, this.length - start);
      this.buffer.copyWithin(this.length, start, start + step);
      this.length += step;
    }
  }

  private reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.maxBytes) throw this.corrupt(`it has more than ${String(this.maxBytes)} bytes`);
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.min(this.maxBytes, Math.max(needed, this.buffer.length * 2)));
    this.bytes.copy(larger);
    this.buffer = larger;
  }
}

/** Reads bytes one after the other, and throws at their end. */
export class ByteReader {
  at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly corrupt: (reason: string) => CorruptBatch,
  ) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  take(count: number): Buffer {
    if (count > this.left) throw this.corrupt('it ends too early');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  uint8(): number {
    return this.take(1).readUInt8();
  }

  peek(): number {
    return this.bytes[this.at] ?? 0;
  }

  /** Returns all bytes that are left, without taking them. */
  rest(): Buffer {
    return this.bytes.subarray(this.at);
  }

  /** Takes bytes to read them separately. */
  sub(count: number): ByteReader {
    return new ByteReader(this.take(count), this.corrupt);
  }

  /** Reads up to 5 bytes, the lowest first. */
  uintLE(size: number): number {
    return this.take(size).readUIntLE(0, size);
  }

  uint32BE(): number {
    return this.take(4).readUInt32BE();
  }
}
