import { expect } from 'chai';
import fc from 'fast-check';
import { decompressSnappy } from '../../../../../src/adapters/kafka/compression/snappy.js';
import { COMPRESSED_BATCHES } from '../../../../support/kafka/compressed-batches.js';
import { damaged, elements, expanded, type Element } from './lz-elements.js';

const uint = (value: number, size: number): Buffer => {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntLE(value, 0, size);
  return bytes;
};

function varint(value: number): Buffer {
  return value < 0x80
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value & 0x7f) | 0x80]), varint(value >>> 7)]);
}

const literalOf = (bytes: Buffer): Buffer =>
  bytes.length <= 60
    ? Buffer.concat([Buffer.from([(bytes.length - 1) << 2]), bytes])
    : Buffer.concat([Buffer.from([61 << 2]), uint(bytes.length - 1, 2), bytes]);

/** Uses each of the three forms of a copy. */
function copyOf({ distance, count }: Element): Buffer {
  if (count <= 11 && distance < 2048)
    return Buffer.from([1 | ((count - 4) << 2) | ((distance >>> 8) << 5), distance & 0xff]);
  return distance % 2 === 0
    ? Buffer.concat([Buffer.from([2 | ((count - 1) << 2)]), uint(distance, 2)])
    : Buffer.concat([Buffer.from([3 | ((count - 1) << 2)]), uint(distance, 4)]);
}

const block = (all: readonly Element[]): Buffer =>
  Buffer.concat([
    varint(expanded(all).length),
    ...all.flatMap((element) => [literalOf(element.literal), copyOf(element)]),
  ]);

const failure =
  (bytes: Buffer, maxBytes?: number): (() => unknown) =>
  () =>
    decompressSnappy(bytes, maxBytes);

describe('Decompressing Snappy', () => {
  it('expands any sequence of literals and copies', () => {
    fc.assert(
      fc.property(elements(4, 64), (all) => {
        expect(decompressSnappy(block(all)).equals(expanded(all))).to.equal(true);
      }),
    );
  });

  it('ends with the data or an error whichever bytes are damaged', () => {
    for (const { bytes } of COMPRESSED_BATCHES.filter(({ codec }) => codec === 'Snappy'))
      fc.assert(
        fc.property(damaged(bytes), (changed) => {
          try {
            expect(decompressSnappy(changed, 200_000).length).to.be.at.most(200_000);
          } catch (error) {
            expect(error).to.have.property('name', 'CorruptBatch');
          }
        }),
      );
  });

  it('rejects more bytes than the limit', () => {
    const bytes = block([{ literal: Buffer.from('abcd'), distance: 4, count: 60 }]);
    expect(decompressSnappy(bytes, 64)).to.have.length(64);
    expect(failure(bytes, 63)).to.throw('it has more than 63 bytes');
  });

  it('allocates nothing for a length that only the header claims', () => {
    expect(failure(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]))).to.throw('a block is shorter than it says');
  });

  it('rejects a literal whose length would be negative as a signed number', () => {
    expect(failure(Buffer.from([5, 63 << 2, 0xf8, 0xff, 0xff, 0xff]))).to.throw('it ends too early');
  });

  it('rejects a copy from before the block, also if an earlier block precedes it', () => {
    const magic = Buffer.from('\x82SNAPPY\0\0\0\0\x01\0\0\0\x01', 'latin1');
    const first = Buffer.from([0, 0, 0, 3, 1, 0, 97]);
    const second = Buffer.from([0, 0, 0, 3, 4, 1, 1]);
    expect(decompressSnappy(Buffer.concat([magic, first])).toString()).to.equal('a');
    expect(failure(Buffer.concat([magic, first, second]))).to.throw('a copy begins before the data');
  });
});
