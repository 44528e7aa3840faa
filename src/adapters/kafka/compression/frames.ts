import { BoundedOutput, ByteReader } from './bounded-output.js';

/** The last digit of a skippable frame's magic number is arbitrary. */
const SKIPPABLE_MAGIC = 0x184d2a50;

interface FrameFormat {
  /** The name of the codec in error messages. */
  readonly codec: string;
  readonly magic: number;
  /** What is wrong with bytes that begin with another number. */
  readonly mismatch: string;
  /** Decompresses one frame, whose magic number has been read. */
  readonly decompress: (frame: ByteReader, output: BoundedOutput) => void;
}

/** Decompresses frames in a row, as LZ4 and Zstandard have them. Both share the format of skippable frames. */
export function decompressFrames(
  compressed: Buffer,
  { codec, magic, mismatch, decompress }: FrameFormat,
  maxBytes: number,
): Buffer {
  const output = new BoundedOutput(codec, maxBytes);
  const frames = new ByteReader(compressed, output.corrupt);
  do {
    const found = frames.uintLE(4);
    if (found === magic) decompress(frames, output);
    else if (found - (found % 16) === SKIPPABLE_MAGIC) frames.take(frames.uintLE(4));
    else throw output.corrupt(mismatch);
  } while (frames.left > 0);
  return output.bytes;
}
