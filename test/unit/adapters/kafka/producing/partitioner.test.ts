import { expect } from 'chai';
import fc from 'fast-check';
import { Partitioners, type PartitionerArgs } from 'kafkajs';
import { keyPartitioner, partitionOfKey } from '../../../../../src/adapters/kafka/producing/partitioner.js';

const metadata = (count: number): PartitionerArgs['partitionMetadata'] =>
  Array.from({ length: count }, (_, partitionId) => ({
    ...{ partitionErrorCode: 0, partitionId, leader: 0 },
    ...{ replicas: [0], isr: [0], offlineReplicas: [] },
  }));

describe('The partition of a key', () => {
  it('is the one that kafkajs chooses, as the Java clients do', () => {
    const [ours, theirs] = [keyPartitioner(), Partitioners.DefaultPartitioner()];
    const key = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.string().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 300 }), (bytes, count) => {
        const args = {
          topic: 't',
          partitionMetadata: metadata(count),
          message: { key: bytes, value: null },
        };
        expect(ours(args)).to.equal(theirs(args));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same for the text of the key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 300 }), (key, count) => {
        const message = { key: Buffer.from(key), value: null };
        const args = { topic: 't', partitionMetadata: metadata(count), message };
        expect(partitionOfKey(key, count)).to.equal(keyPartitioner()(args));
      }),
    );
  });

  it('rotates for records without a key', () => {
    const partition = keyPartitioner();
    const args = { topic: 't', partitionMetadata: metadata(3), message: { key: null, value: null } };
    expect(new Set([partition(args), partition(args), partition(args)])).to.deep.equal(new Set([0, 1, 2]));
  });
});
