import { ByteReader, MAX_BATCH_BYTES, type BoundedOutput } from './bounded-output.js';
import { decompressFrames } from './frames.js';

const FRAME_MAGIC = 0x184d2204;
const VERSION_BITS = 0xc0;
const VERSION = 0x40;
const INDEPENDENT_BLOCKS = 0x20;
const BLOCK_CHECKSUMS = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const DICTIONARY = 0x01;
/** In a block's length: the block is not compressed. */
const UNCOMPRESSED = 0x80000000;
const MIN_MATCH = 4;

/**
 * Decompresses LZ4 frames. Ignores their checksums: the broker has checked the batch, and the first Kafka clients
 * wrote a wrong header checksum. https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export function decompressLz4(compressed: Buffer, maxBytes = MAX_BATCH_BYTES): Buffer {
  return decompressFrames(compressed, FORMAT, maxBytes);
}

const FORMAT = {
  codec: 'LZ4',
  magic: FRAME_MAGIC,
  mismatch: 'it is not an LZ4 frame',
  decompress: decompressFrame,
};

function decompressFrame(frame: ByteReader, output: BoundedOutput): void {
  const flags = frame.uint8();
  if ((flags & VERSION_BITS) !== VERSION) throw output.corrupt('its version is unknown');
  if (flags & DICTIONARY) throw output.corrupt('it needs a dictionary');
  // The largest block, the size of the content, and the checksum of the header.
  frame.take(1 + (flags & CONTENT_SIZE ? 8 : 0) + 1);
  const frameStart = output.size;
  for (let length = frame.uintLE(4); length !== 0; length = frame.uintLE(4)) {
    const from = flags & INDEPENDENT_BLOCKS ? output.size : frameStart;
    if (length >= UNCOMPRESSED) output.append(frame.take(length - UNCOMPRESSED));
    else decompressBlock(new ByteReader(frame.take(length), output.corrupt), output, from);
    if (flags & BLOCK_CHECKSUMS) frame.take(4);
  }
  if (flags & CONTENT_CHECKSUM) frame.take(4);
}

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
function decompressBlock(block: ByteReader, output: BoundedOutput, from: number): void {
  for (;;) {
    const token = block.uint8();
    output.append(block.take(readLength(block, token >>> 4)));
    // The last sequence has no match.
    if (block.left === 0) return;
    const distance = block.uintLE(2);
    output.repeat(distance, readLength(block, token & 15) + MIN_MATCH, from);
  }
}

function readLength(block: ByteReader, first: number): number {
  let length = first;
  if (first < 15) return length;
  for (;;) {
    const more = block.uint8();
    length += more;
    if (more < 255) return length;
  }
}
