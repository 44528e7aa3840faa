/** Writes numbers and bytes one after the other, in the encoding of Kafka's protocol, into a buffer of known size. */
export class ByteWriter {
  readonly bytes: Buffer;
  at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  int8(value: number): this {
    this.at = this.bytes.writeInt8(value, this.at);
    return this;
  }

  int16(value: number): this {
    this.at = this.bytes.writeInt16BE(value, this.at);
    return this;
  }

  int32(value: number): this {
    this.at = this.bytes.writeInt32BE(value, this.at);
    return this;
  }

  /** Takes a safe integer. */
  int64(value: number): this {
    return this.int32(Math.floor(value / 2 ** 32)).int32(value | 0);
  }

  /** Writes 32 bits in zigzag encoding, the low seven bits first. */
  varint(value: number): this {
    let rest = zigzag(value);
    for (; rest > 0x7f; rest >>>= 7) this.bytes[this.at++] = (rest & 0x7f) | 0x80;
    this.bytes[this.at++] = rest;
    return this;
  }

  varBytes(bytes: Buffer | null): this {
    if (bytes === null) return this.varint(-1);
    this.varint(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }

  varText(text: string): this {
    this.varint(Buffer.byteLength(text));
    this.at += this.bytes.write(text, this.at);
    return this;
  }

  /** Writes the text after its length in 16 bits. */
  text(text: string): this {
    this.int16(Buffer.byteLength(text));
    this.at += this.bytes.write(text, this.at);
    return this;
  }
}

export function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest >>>= 7) size += 1;
  return size;
}

export function sizeOfBytes(bytes: Buffer | null): number {
  return bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length;
}

export function sizeOfText(text: string): number {
  const length = Buffer.byteLength(text);
  return sizeOfVarint(length) + length;
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
