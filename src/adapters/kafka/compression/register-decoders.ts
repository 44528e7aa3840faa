// `CompressionCodecs` is on the default export only: Node does not detect every name of this CommonJS package.
import kafkajs, { CompressionTypes } from 'kafkajs';
import { decompressLz4 } from './lz4.js';
import { decompressSnappy } from './snappy.js';
import { decompressZstandard } from './zstandard.js';

/**
 * Lets every consumer of this process read batches that other producers compressed with Snappy, LZ4 or Zstandard. kafkajs has a codec
 * for gzip only, and without one a single such batch stops the consumer. May be called again.
 */
export function registerDecoders(): void {
  const { CompressionCodecs } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = decoderOf('Snappy', decompressSnappy);
  CompressionCodecs[CompressionTypes.LZ4] = decoderOf('LZ4', decompressLz4);
  CompressionCodecs[CompressionTypes.ZSTD] = decoderOf('Zstandard', decompressZstandard);
}

/** Returns a codec in the form that kafkajs expects. */
function decoderOf(name: string, decompress: (compressed: Buffer) => Buffer): () => object {
  const codec = {
    compress: () => Promise.reject(new Error(`Postrider reads ${name} but does not write it`)),
    // Async, so that kafkajs gets a rejection instead of an exception.
    decompress: async (compressed: Buffer) => Promise.resolve(decompress(compressed)),
  };
  return () => codec;
}
