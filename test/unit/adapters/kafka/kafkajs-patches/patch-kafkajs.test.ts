import { createRequire } from 'node:module';
import { expect } from 'chai';
import { patchKafkajs } from '../../../../../src/adapters/kafka/kafkajs-patches/patch-kafkajs.js';
import { fastProduceRequest } from '../../../../../src/adapters/kafka/kafkajs-patches/produce-requests.js';
import { resultOf } from '../../../../../src/adapters/kafka/kafkajs-patches/produce-results.js';

const require = createRequire(import.meta.url);

describe('The patches of kafkajs', () => {
  before(() => {
    patchKafkajs();
    patchKafkajs();
  });

  it('are applied to the version that they were written for', () => {
    expect(require('kafkajs/package.json').version).to.equal('2.2.4');
  });

  it('replace the encoder that every version of produce requests is built on', () => {
    const path = 'kafkajs/src/protocol/requests/produce/v3/request.js';
    expect(require(path)).to.equal(fastProduceRequest);
  });

  for (const version of [3, 4, 5, 6, 7]) {
    it(`keep the result of each partition of produce responses, version ${String(version)}`, async () => {
      const { protocol } = require('kafkajs/src/protocol/requests/produce/index.js');
      const { response } = protocol({ version })({ topicData: [] });
      const partitions = [
        { partition: 0, errorCode: 6 },
        { partition: 1, errorCode: 0 },
      ];
      const error: unknown = await response.parse({ topics: [{ partitions }] }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect([resultOf(error, 0, true), resultOf(error, 1, true)]).to.deep.equal(['not-sent', 'appended']);
    });
  }

  it("replace the offset request of kafkajs's cluster, which has the methods that the patch calls", async () => {
    const { prototype } = require('kafkajs/src/cluster/index.js');
    expect(prototype.findLeaderForPartitions).to.be.a('function');
    const requests: unknown[] = [];
    const cluster = Object.assign(Object.create(prototype), {
      findTopicPartitionMetadata: () => [
        { partitionId: 0, leader: 1 },
        { partitionId: 1, leader: -1 },
      ],
      addMultipleTargetTopics: () => Promise.resolve(),
      refreshMetadata: () => Promise.resolve(),
      findBroker: ({ nodeId }: { readonly nodeId: string }) => {
        requests.push(nodeId);
        const partitions = [{ partition: 0, offset: '7', errorCode: 0 }];
        return Promise.resolve({
          listOffsets: () => Promise.resolve({ responses: [{ topic: 't', partitions }] }),
        });
      },
    });
    const asked = [{ topic: 't', partitions: [{ partition: 0 }, { partition: 1 }], fromTimestamp: -1 }];
    const found = await cluster.fetchTopicsOffset(asked);
    expect(found).to.deep.equal([{ topic: 't', partitions: [{ partition: 0, offset: '7' }] }]);
    expect(requests).to.deep.equal(['1']);
  });
});
