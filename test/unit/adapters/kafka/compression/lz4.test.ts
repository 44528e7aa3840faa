import { expect } from 'chai';
import fc from 'fast-check';
import { decompressLz4 } from '../../../../../src/adapters/kafka/compression/lz4.js';
import { COMPRESSED_BATCHES } from '../../../../support/kafka/compressed-batches.js';
import { damaged, elements, expanded, type Element } from './lz-elements.js';

/**
 * 'One more, and another. ' 4,000 times, written by lz4 4.4.5 for Python: compress(text, block_linked=True,
 * block_size=BLOCKSIZE_MAX64KB, content_checksum=True, block_checksum=True, store_size=True).
 */
const LINKED_BLOCKS = Buffer.from(
  'BCJNGFxAYGcBAAAAAAAjIgEAAP8IT25lIG1vcmUsIGFuZCBhbm90aGVyLiAXAP/////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////RUG1vcmUsfpn6FXEAAAAP9///////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////r1BoZXIuII5vlcEAAAAAlOeKyw==',
  'base64',
);
const TEXT = 'One more, and another. '.repeat(4_000);

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** A frame of independent blocks with a wrong header checksum, as the first Kafka clients wrote it. */
const frame = (...blocks: readonly Buffer[]): Buffer =>
  Buffer.concat([
    ...[uint32(0x184d2204), Buffer.from([0x60, 0x40, 0xee])],
    ...blocks.flatMap((block) => [uint32(block.length), block]),
    uint32(0),
  ]);

function moreLength(length: number): Buffer {
  if (length < 15) return Buffer.alloc(0);
  const rest = length - 15;
  return Buffer.concat([Buffer.alloc(Math.floor(rest / 255), 255), Buffer.from([rest % 255])]);
}

function sequence({ literal, distance, count }: Element): Buffer {
  const token = (Math.min(15, literal.length) << 4) | Math.min(15, count - 4);
  const offset = Buffer.from([distance & 0xff, distance >>> 8]);
  return Buffer.concat([
    Buffer.from([token]),
    moreLength(literal.length),
    literal,
    offset,
    moreLength(count - 4),
  ]);
}

const END = Buffer.from([0x10, 0x2e]);
const block = (all: readonly Element[]): Buffer => Buffer.concat([...all.map(sequence), END]);

const failure =
  (bytes: Buffer, maxBytes?: number): (() => unknown) =>
  () =>
    decompressLz4(bytes, maxBytes);

describe('Decompressing LZ4', () => {
  it('expands any sequence of literals and copies, whatever the header checksum', () => {
    fc.assert(
      fc.property(elements(4, 600), (all) => {
        const expected = Buffer.concat([expanded(all), Buffer.from('.')]);
        expect(decompressLz4(frame(block(all))).equals(expected)).to.equal(true);
      }),
    );
  });

  it('copies from earlier blocks, and skips checksums and the size of the content', () => {
    expect(decompressLz4(LINKED_BLOCKS).toString()).to.equal(TEXT);
  });

  it('reads several frames, and skips those that are for others', () => {
    const skipped = Buffer.concat([uint32(0x184d2a53), uint32(2), Buffer.from('no')]);
    const bytes = Buffer.concat([frame(END), skipped, frame(END, END)]);
    expect(decompressLz4(bytes).toString()).to.equal('...');
  });

  it('ends with the data or an error whichever bytes are damaged', () => {
    const batches = COMPRESSED_BATCHES.filter(({ codec }) => codec === 'LZ4').map(({ bytes }) => bytes);
    for (const bytes of [...batches, LINKED_BLOCKS])
      fc.assert(
        fc.property(damaged(bytes), (changed) => {
          try {
            expect(decompressLz4(changed, 200_000).length).to.be.at.most(200_000);
          } catch (error) {
            expect(error).to.have.property('name', 'CorruptBatch');
          }
        }),
      );
  });

  it('rejects more bytes than the limit', () => {
    const bytes = frame(block([{ literal: Buffer.from('a'), distance: 1, count: 1_000 }]));
    expect(decompressLz4(bytes, 1_002)).to.have.length(1_002);
    expect(failure(bytes, 1_001)).to.throw('it has more than 1001 bytes');
  });

  it('rejects a copy from an earlier block if the blocks are independent', () => {
    const copy = Buffer.concat([sequence({ literal: Buffer.alloc(0), distance: 1, count: 4 }), END]);
    expect(failure(frame(END, copy))).to.throw('a copy begins before the data');
  });

  it('rejects an unknown version, a dictionary, and other formats', () => {
    const flagged = (flags: number): Buffer =>
      Buffer.concat([uint32(0x184d2204), Buffer.from([flags, 0x40, 0])]);
    expect(failure(flagged(0x20))).to.throw('its version is unknown');
    expect(failure(flagged(0x61))).to.throw('it needs a dictionary');
    expect(failure(Buffer.from('plain text'))).to.throw('it is not an LZ4 frame');
    expect(failure(Buffer.alloc(0))).to.throw('it ends too early');
  });
});
