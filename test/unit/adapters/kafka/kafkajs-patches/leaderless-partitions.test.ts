import { createRequire } from 'node:module';
import { expect } from 'chai';
import {
  keepLeaderlessPartitions,
  type Metadata,
} from '../../../../../src/adapters/kafka/kafkajs-patches/leaderless-partitions.js';

const require = createRequire(import.meta.url);

/** Loaded by version, as kafkajs does with the first request. */
const responseOf = (version: number): { parse(data: Metadata): Promise<Metadata> } => {
  const { protocol } = require('kafkajs/src/protocol/requests/metadata/index.js');
  return protocol({ version })({ topics: [] }).response;
};

const metadata = (...partitions: readonly [code: number, leader: number][]): Metadata => ({
  topicMetadata: [
    { topicErrorCode: 0, partitionMetadata: [] },
    {
      topicErrorCode: 0,
      partitionMetadata: partitions.map(([partitionErrorCode, leader], partitionId) => ({
        ...{ partitionErrorCode, partitionId, leader },
      })),
    },
  ],
});

for (const version of [0, 1, 2, 3, 4, 5, 6]) {
  describe(`Metadata of kafkajs, version ${String(version)}`, () => {
    before(() => {
      keepLeaderlessPartitions();
      keepLeaderlessPartitions();
    });

    const leaders = async (...partitions: readonly [code: number, leader: number][]): Promise<number[]> => {
      const { topicMetadata } = await responseOf(version).parse(metadata(...partitions));
      return topicMetadata.flatMap(({ partitionMetadata }) => partitionMetadata.map(({ leader }) => leader));
    };

    const rejection = async (data: Metadata): Promise<unknown> =>
      responseOf(version)
        .parse(data)
        .then(
          () => 'none',
          (error: unknown) => (error as { readonly type?: string }).type,
        );

    it('keeps partitions without a leader (5, 72), and those that lack a replica (9), with their leader', async () => {
      expect(await leaders([0, 1], [5, 2], [9, 3], [72, 4])).to.deep.equal([1, -1, 3, -1]);
    });

    it('rejects for every other error of a partition or a topic', async () => {
      expect(await rejection(metadata([5, -1], [29, 1]))).to.equal('TOPIC_AUTHORIZATION_FAILED');
      const topicMetadata = [{ topicErrorCode: 3, partitionMetadata: [] }];
      expect(await rejection({ topicMetadata })).to.equal('UNKNOWN_TOPIC_OR_PARTITION');
    });
  });
}
