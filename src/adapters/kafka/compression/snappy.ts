import { BoundedOutput, ByteReader, MAX_BATCH_BYTES } from './bounded-output.js';

/** Begins what Java clients write: this, two versions of 4 bytes, then blocks, each after its length. */
const XERIAL_MAGIC = Buffer.from('\x82SNAPPY\0', 'latin1');
const XERIAL_HEADER_BYTES = XERIAL_MAGIC.length + 8;
/** The tags of literals of 61 and more bytes, whose length is in the next 1 to 4 bytes. */
const LONG_LITERAL = 60;

/**
 * Decompresses Snappy, both as one raw block, which librdkafka writes, and in the framing of Java clients:
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export function decompressSnappy(compressed: Buffer, maxBytes = MAX_BATCH_BYTES): Buffer {
  const output = new BoundedOutput('Snappy', maxBytes);
  const { corrupt } = output;
  if (!compressed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
    decompressBlock(new ByteReader(compressed, corrupt), output);
    return output.bytes;
  }
  const blocks = new ByteReader(compressed, corrupt);
  blocks.take(XERIAL_HEADER_BYTES);
  while (blocks.left > 0) {
    const block = blocks.take(blocks.uint32BE());
    decompressBlock(new ByteReader(block, corrupt), output);
  }
  return output.bytes;
}

function decompressBlock(block: ByteReader, output: BoundedOutput): void {
  const from = output.size;
  const size = readVarint(block, output);
  while (block.left > 0) {
    decompressElement(block, output, from);
    if (output.size - from > size) throw output.corrupt('a block is longer than it says');
  }
  if (output.size - from < size) throw output.corrupt('a block is shorter than it says');
}

function decompressElement(block: ByteReader, output: BoundedOutput, from: number): void {
  const tag = block.uint8();
  const upper = tag >>> 2;
  switch (tag & 3) {
    case 0: {
      const extraBytes = upper - LONG_LITERAL + 1;
      output.append(block.take((extraBytes > 0 ? block.uintLE(extraBytes) : upper) + 1));
      return;
    }
    case 1:
      output.repeat(((tag >>> 5) << 8) | block.uint8(), (upper & 7) + 4, from);
      return;
    case 2:
      output.repeat(block.uintLE(2), upper + 1, from);
      return;
    default:
      output.repeat(block.uintLE(4), upper + 1, from);
  }
}

function readVarint(block: ByteReader, output: BoundedOutput): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = block.uint8();
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw output.corrupt('the length of a block is invalid');
}
