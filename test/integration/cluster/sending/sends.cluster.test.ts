import { expect } from 'chai';
import { partitionsOf } from '../../../../scripts/stack/ping.js';
import type { LocalKafka } from '../../../../scripts/stack/local-kafka.js';
import type { LocalKafkaCluster } from '../../../../scripts/stack/local-kafka-cluster.js';
import { retryUntil } from '../../../../scripts/stack/retry-until.js';
import { newKafkaCluster } from '../../../../scripts/stack/servers.js';
import { KafkaPartitionedLog } from '../../../../src/adapters/kafka/producing/kafka-partitioned-log.js';
import { SystemClock } from '../../../../src/adapters/system/system-clock.js';
import { PartitionedSendQueue } from '../../../../src/application/sending/queue/partitioned-send-queue.js';
import { kafkaProcess, kafkaSettings, type KafkaProcess } from '../../kafka/kafka-log-under-test.js';
import { createAssignedTopic } from '../assigned-topic.js';
import { percentile, SendTraffic, type TimedSend } from './send-traffic.js';

/** The replicas of each partition; the first one is the leader. The tests kill or freeze broker 2. */
const REPLICAS = [
  [1, 3],
  [3, 1],
  [2, 1],
  [2, 3],
  [1, 2],
];
const WITHOUT_IT = [0, 1];
/**
 * Broker 2 leads two of these partitions. Appends to the third wait for its replica there until that is out
 * of sync.
 */
const WITH_IT = [2, 3, 4];
const LED_BY_IT = [2, 3];

const EVERYWHERE = [
  [1, 2, 3],
  [2, 3, 1],
  [3, 1, 2],
];

describe('Sends to a Kafka cluster that loses a broker', function () {
  this.timeout(180_000);
  let cluster: LocalKafkaCluster;
  let process: KafkaProcess | undefined;
  let log: KafkaPartitionedLog | undefined;
  let traffic: SendTraffic | undefined;

  before(async () => {
    cluster = await newKafkaCluster({ properties: { 'broker.session.timeout.ms': '9000' } });
    await cluster.start();
  });

  afterEach(async () => {
    await traffic?.stop();
    traffic = undefined;
    await log?.close();
    await process?.close();
  });

  after(() => cluster?.remove());

  async function start(replicas: readonly (readonly number[])[]): Promise<void> {
    const settings = kafkaSettings('', {
      brokers: cluster.nodes.map(({ address }) => address),
      partitions: replicas.length,
    });
    await createAssignedTopic(settings.brokers, settings.topics.messages, replicas);
    process = kafkaProcess(settings);
    log = new KafkaPartitionedLog(process.connection.partitionedWriting('messages'));
    const queue = new PartitionedSendQueue(log, new SystemClock(), { timeoutMs: 5_000 });
    traffic = new SendTraffic(queue, replicas.length);
    await sentTo(replicas.map((_, partition) => partition));
  }

  const sends = (from: number, to: number, partitions: readonly number[]): TimedSend[] =>
    traffic?.between(from, to, partitions) ?? [];

  /** Resolves when each of these partitions has accepted a send that began after this call. */
  async function sentTo(partitions: readonly number[]): Promise<void> {
    const now = performance.now();
    await retryUntil(async () => {
      const sent = sends(now, Infinity, partitions).filter(({ outcome }) => outcome === 'sent');
      if (partitions.some((partition) => !sent.some((send) => send.partition === partition)))
        throw new Error('Not every partition accepts sends.');
    }, 60_000);
  }

  /**
   * Resolves with the time when the controller has named a leader other than the missing broker for each
   * partition of the topic.
   */
  function newLeaders(away: number): Promise<number> {
    const topic = process?.connection.topicName('messages') ?? '';
    const asked = cluster.nodes.find((node) => node !== cluster.node(away));
    return retryUntil(async () => {
      const partitions = await partitionsOf(asked?.address ?? '', topic);
      if (partitions.some(({ leader }) => leader === away || leader < 0)) throw new Error('Not yet.');
      return performance.now();
    }, 60_000);
  }

  function firstSent(partition: number, after: number): number {
    const times = sends(0, Infinity, [partition])
      .filter(({ answeredAt = 0, outcome }) => outcome === 'sent' && answeredAt >= after)
      .map(({ answeredAt = Infinity }) => answeredAt);
    return Math.min(...times) - after;
  }

  const isUnsent = ({ outcome }: TimedSend): boolean => outcome !== 'sent';
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  for (const { how, lose, bringBack } of [
    { how: 'killed', lose: (node: LocalKafka) => node.kill(), bringBack: (node: LocalKafka) => node.start() },
    {
      how: 'frozen',
      lose: (node: LocalKafka) => node.pause(),
      bringBack: (node: LocalKafka) => node.resume(),
    },
  ]) {
    it(`continue when it is ${how}, and reach its partitions within 3 s of their new leaders`, async () => {
      await start(REPLICAS);
      const node = cluster.node(2);
      const lostAt = performance.now();
      await lose(node);
      try {
        const namedAt = await newLeaders(2);
        expect(namedAt - lostAt).to.be.greaterThan(3_000);
        await pause(10_000);
        const others = sends(lostAt - 100, performance.now() - 5_000, WITHOUT_IT);
        expect(others).to.have.length.greaterThan(200);
        expect(others.filter(isUnsent)).to.deep.equal([]);
        expect(percentile(others, 0.99)).to.be.lessThan(1_000);
        for (const partition of WITH_IT) expect(firstSent(partition, namedAt)).to.be.lessThan(3_000);
        const later = sends(namedAt + 3_000, performance.now() - 5_000, WITH_IT);
        expect(percentile(later, 0.99)).to.be.lessThan(1_000);
        const failed = sends(lostAt + 500, lostAt + 3_000, LED_BY_IT);
        expect(failed.filter(isUnsent).length).to.equal(failed.length);
      } finally {
        await bringBack(node);
      }
      await cluster.waitUntilComplete();
      await sentTo(REPLICAS.map((_, partition) => partition));
    });
  }

  it('reach every partition within 3 s of the new leaders when all have a replica on the killed broker', async () => {
    await start(EVERYWHERE);
    await cluster.node(2).kill();
    try {
      const namedAt = await newLeaders(2);
      await pause(4_000);
      const partitions = EVERYWHERE.map((_, partition) => partition);
      for (const partition of partitions) expect(firstSent(partition, namedAt)).to.be.lessThan(3_000);
    } finally {
      await cluster.node(2).start();
    }
    await cluster.waitUntilComplete();
  });

  it('continue when a partition loses its only replica', async () => {
    await start([[1], [2], [3]]);
    const node = cluster.node(2);
    const lostAt = performance.now();
    await node.kill();
    try {
      await pause(20_000);
      const others = sends(lostAt - 100, performance.now() - 5_000, [0, 2]);
      expect(others.filter(isUnsent)).to.deep.equal([]);
      expect(percentile(others, 0.99)).to.be.lessThan(1_000);
      const failed = sends(lostAt + 500, performance.now() - 6_000, [1]);
      expect(failed).to.have.length.greaterThan(100);
      expect(failed.filter(isUnsent).length).to.equal(failed.length);
    } finally {
      await node.start();
    }
    await sentTo([0, 1, 2]);
  });
});
