import { createRequire } from 'node:module';
import { expect } from 'chai';
import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { registerDecoders } from '../../../../../src/adapters/kafka/compression/register-decoders.js';
import {
  COMPRESSED_BATCHES,
  RECORDS,
  type CompressedBatch,
} from '../../../../support/kafka/compressed-batches.js';

interface Codec {
  compress(encoder: object): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

const require = createRequire(import.meta.url);
const Decoder = require('kafkajs/src/protocol/decoder.js');
const decodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0/decoder.js');

const codecOf = (name: CompressedBatch['codec']): Codec =>
  CompressionCodecs[CompressionTypes[name]]() as Codec;

function recordsOf(decompressed: Buffer): (readonly [string, string])[] {
  const decoder = new Decoder(decompressed);
  return RECORDS.map(() => {
    const context = { firstOffset: '0', firstTimestamp: '0', magicByte: 2 };
    const { key, value } = decodeRecord(new Decoder(decoder.readVarIntBytes()), context);
    return [String(key), String(value)] as const;
  });
}

const NAMES = { Snappy: 'Snappy', LZ4: 'LZ4', ZSTD: 'Zstandard' } as const;

const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => String(error),
  );

describe('The decoders that are registered with kafkajs', () => {
  before(() => {
    registerDecoders();
    registerDecoders();
  });

  for (const { producer, codec, bytes } of COMPRESSED_BATCHES) {
    it(`decompress what ${producer} compresses with ${codec}`, async () => {
      expect(recordsOf(await codecOf(codec).decompress(bytes))).to.deep.equal(RECORDS);
    });

    it(`reject a batch that ${producer} compressed with ${codec} and whose end is missing`, async () => {
      const message = await messageOf(codecOf(codec).decompress(bytes.subarray(0, -5)));
      expect(message).to.match(
        new RegExp(`^CorruptBatch: A batch compressed with ${NAMES[codec]} cannot be decompressed`),
      );
    });
  }

  it('do not compress', async () => {
    for (const name of ['Snappy', 'LZ4', 'ZSTD'] as const)
      expect(await messageOf(codecOf(name).compress({}))).to.equal(
        `Error: Postrider reads ${NAMES[name]} but does not write it`,
      );
  });
});
