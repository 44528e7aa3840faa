import { MAX_BATCH_BYTES, type BoundedOutput, type ByteReader, type CorruptBatch } from './bounded-output.js';
import { decodeHuffman, readHuffmanTable, type HuffmanTable } from './entropy.js';
import { decompressFrames } from './frames.js';
import { Sequences } from './zstandard-sequences.js';

const FRAME_MAGIC = 0xfd2fb528;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const MAX_BLOCK_BYTES = 128 * 1024;

/**
 * Decompresses Zstandard: https://www.rfc-editor.org/rfc/rfc8878. Node has its own decoder from version 22.15 on. Ignores the
 * checksum, because the broker has checked the batch, and the window, because earlier bytes of the output stay in memory.
 */
export function decompressZstandard(compressed: Buffer, maxBytes = MAX_BATCH_BYTES): Buffer {
  return decompressFrames(compressed, FORMAT, maxBytes);
}

const FORMAT = {
  codec: 'Zstandard',
  magic: FRAME_MAGIC,
  mismatch: 'it is not a Zstandard frame',
  decompress: decompressFrame,
};

function decompressFrame(frame: ByteReader, output: BoundedOutput): void {
  const flags = frame.uint8();
  const isSingleSegment = (flags & 0x20) !== 0;
  if (flags & 0x08) throw output.corrupt('its header is unknown');
  if (!isSingleSegment) frame.take(1);
  const dictionary = frame.take(DICTIONARY_ID_BYTES[(flags & 3) as 0 | 1 | 2 | 3]);
  if (dictionary.some((byte) => byte !== 0)) throw output.corrupt('it needs a dictionary');
  const sizeFlag = flags >>> 6;
  frame.take(sizeFlag === 0 ? Number(isSingleSegment) : 2 ** sizeFlag);
  const blocks = new FrameBlocks(output);
  while (!blocks.readNext(frame));
  if (flags & 0x04) frame.take(4);
}

class FrameBlocks {
  private readonly from: number;
  private readonly sequences: Sequences;
  private readonly corrupt: (reason: string) => CorruptBatch;
  private huffman: HuffmanTable | undefined;

  constructor(private readonly output: BoundedOutput) {
    this.from = output.size;
    this.corrupt = output.corrupt;
    this.sequences = new Sequences(output, this.from);
  }

  /** Returns whether the block was the last one. */
  readNext(frame: ByteReader): boolean {
    const header = frame.uintLE(3);
    const size = header >>> 3;
    if (size > MAX_BLOCK_BYTES) throw this.corrupt('a block is too large');
    switch ((header >>> 1) & 3) {
      case 0:
        this.output.append(frame.take(size));
        break;
      case 1:
        this.output.append(Buffer.alloc(size, frame.uint8()));
        break;
      case 2: {
        const block = frame.sub(size);
        this.sequences.execute(block, this.readLiterals(block));
        break;
      }
      default:
        throw this.corrupt('the type of a block is unknown');
    }
    return (header & 1) === 1;
  }

  private readLiterals(block: ByteReader): Buffer {
    const first = block.peek();
    const format = (first >>> 2) & 3;
    if ((first & 3) < 2) {
      const size = format % 2 === 0 ? block.uintLE(1) >>> 3 : block.uintLE(format === 1 ? 2 : 3) >>> 4;
      if (size > MAX_BLOCK_BYTES) throw this.corrupt('a block is too large');
      return (first & 3) === 0 ? block.take(size) : Buffer.alloc(size, block.uint8());
    }
    const width = ([10, 10, 14, 18] as const)[format as 0 | 1 | 2 | 3];
    const sizes = Math.floor(block.uintLE(width === 10 ? 3 : (width + 2) / 4) / 16);
    const size = sizes % 2 ** width;
    if (size > MAX_BLOCK_BYTES) throw this.corrupt('a block is too large');
    const streams = block.sub(Math.floor(sizes / 2 ** width));
    if ((first & 3) === 2) this.huffman = readHuffmanTable(streams, this.corrupt);
    if (!this.huffman) throw this.corrupt('a Huffman table is missing');
    return this.decodeStreams(streams, Buffer.alloc(size), format === 0 ? 1 : 4, this.huffman);
  }

  private decodeStreams(from: ByteReader, literals: Buffer, count: 1 | 4, table: HuffmanTable): Buffer {
    const part = count === 1 ? literals.length : (literals.length + 3) >>> 2;
    const lengths = count === 1 ? [] : [from.uintLE(2), from.uintLE(2), from.uintLE(2)];
    for (let index = 0; index < count; index += 1) {
      const length = lengths[index];
      const bytes = length === undefined ? from.rest() : from.take(length);
      decodeHuffman(bytes, literals.subarray(index * part, (index + 1) * part), table, this.corrupt);
    }
    return literals;
  }
}
