import { expect } from 'chai';
import {
  givePartialOffsets,
  type OffsetCluster,
} from '../../../../../src/adapters/kafka/kafkajs-patches/partial-offsets.js';

/** Answers like kafkajs's cluster: rejects for all partitions of a request if one of their leaders is dead. */
class FakeCluster implements OffsetCluster {
  refreshed = 0;
  requests: string[] = [];

  constructor(
    private readonly leaders: Readonly<Record<number, number>>,
    private readonly dead: readonly number[] = [],
  ) {}

  fetchTopicsOffset(topics: Parameters<OffsetCluster['fetchTopicsOffset']>[0]) {
    this.requests.push(topics.map((t) => t.partitions.map(({ partition }) => partition).join('')).join('|'));
    const led = topics.flatMap(({ partitions }) =>
      partitions.map(({ partition }) => this.leaders[partition]),
    );
    if (led.some((leader) => leader === undefined || leader < 0 || this.dead.includes(leader)))
      return Promise.reject(new Error('dead'));
    return Promise.resolve(
      topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({ partition, offset: String(partition * 10) })),
      })),
    );
  }

  findLeaderForPartitions(_topic: string, partitions: readonly number[]): Record<string, number[]> {
    const result: Record<string, number[]> = {};
    for (const partition of partitions) (result[String(this.leaders[partition])] ??= []).push(partition);
    return result;
  }

  refreshMetadata(): Promise<void> {
    this.refreshed += 1;
    return Promise.resolve();
  }
}

const ask = (cluster: OffsetCluster, topic = 'mail') =>
  cluster.fetchTopicsOffset([{ topic, partitions: [0, 1, 2, 3].map((partition) => ({ partition })) }]);

describe('givePartialOffsets', () => {
  const found = async (cluster: FakeCluster): Promise<number[]> => {
    givePartialOffsets(cluster);
    givePartialOffsets(cluster);
    const [topic] = await ask(cluster);
    return (topic?.partitions ?? []).map(({ partition }) => partition).sort();
  };

  it('asks each leader once for all of its partitions', async () => {
    const cluster = new FakeCluster({ 0: 1, 1: 2, 2: 1, 3: 2 });
    expect(await found(cluster)).to.deep.equal([0, 1, 2, 3]);
    expect(cluster.requests).to.deep.equal(['02', '13']);
    expect(cluster.refreshed).to.equal(0);
  });

  it('omits partitions without a leader', async () => {
    const cluster = new FakeCluster({ 0: 1, 1: -1, 2: 2, 3: -1 });
    expect(await found(cluster)).to.deep.equal([0, 2]);
    expect(await found(new FakeCluster({ 0: -1, 1: -1, 2: -1, 3: -1 }))).to.deep.equal([]);
  });

  it('omits partitions whose leader does not answer, and refreshes the leaders', async () => {
    const cluster = new FakeCluster({ 0: 1, 1: 2, 2: 3, 3: 2 }, [2]);
    expect(await found(cluster)).to.deep.equal([0, 2]);
    expect(cluster.refreshed).to.equal(1);
  });

  it('rejects when no leader answers', async () => {
    const cluster = new FakeCluster({ 0: 1, 1: 1, 2: 2, 3: 2 }, [1, 2]);
    givePartialOffsets(cluster);
    expect(await ask(cluster).catch((error: unknown) => error)).to.be.instanceOf(Error);
  });
});
