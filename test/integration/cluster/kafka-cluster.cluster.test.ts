import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { expect } from 'chai';
import { partitionsOf } from '../../../scripts/stack/ping.js';
import type { LocalKafka } from '../../../scripts/stack/local-kafka.js';
import type { LocalKafkaCluster } from '../../../scripts/stack/local-kafka-cluster.js';
import { retryUntil } from '../../../scripts/stack/retry-until.js';
import { newKafkaCluster } from '../../../scripts/stack/servers.js';

const TOPIC = 'test-cluster';
const TIMEOUT_MS = 40_000;

describe('The Kafka test cluster', function () {
  this.timeout(150_000);
  let cluster: LocalKafkaCluster;

  before(async () => {
    cluster = await newKafkaCluster();
    await cluster.start();
    const admin = kafkaOf(cluster.nodes).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
  });

  after(() => cluster?.remove());

  const kafkaOf = (nodes: readonly LocalKafka[]): Kafka =>
    new Kafka({
      brokers: nodes.map(({ address }) => address),
      requestTimeout: 5_000,
      logLevel: logLevel.NOTHING,
    });

  const others = (node: LocalKafka): LocalKafka[] => cluster.nodes.filter((other) => other !== node);

  /** The leader, as reported by a node that is not `away`. */
  async function leader(away?: LocalKafka): Promise<LocalKafka> {
    return retryUntil(async () => {
      const [asked] = away === undefined ? cluster.nodes : others(away);
      const [partition] = await partitionsOf(asked?.address ?? '', TOPIC);
      const node = cluster.node(partition?.leader ?? -1);
      if (node === away) throw new Error('The partition still has the leader that is away.');
      return node;
    }, TIMEOUT_MS);
  }

  /** Creates a new producer each time, because kafkajs keeps the dead leader for minutes. */
  async function sendWithout(away: LocalKafka, value: string): Promise<void> {
    await retryUntil(async () => {
      const producer: Producer = kafkaOf(others(away)).producer({
        createPartitioner: Partitioners.DefaultPartitioner,
        retry: { retries: 0 },
      });
      await producer.connect();
      await producer
        .send({ topic: TOPIC, acks: -1, timeout: 5_000, messages: [{ value }] })
        .finally(() => producer.disconnect());
    }, TIMEOUT_MS);
  }

  async function untilAllInSync(): Promise<void> {
    await cluster.waitUntilComplete();
    await retryUntil(async () => {
      const [partition] = await partitionsOf(cluster.nodes[0]?.address ?? '', TOPIC);
      if (partition?.isr.length !== 3) throw new Error(`In sync: ${String(partition?.isr.join(', '))}.`);
    }, TIMEOUT_MS);
  }

  it('replicates topics to three nodes', async () => {
    const [partition] = await partitionsOf(cluster.nodes[0]?.address ?? '', TOPIC);
    expect(partition?.replicas).to.have.members([1, 2, 3]);
  });

  it('continues without a killed leader, which rejoins when it is restarted', async () => {
    const killed = await leader();
    await killed.kill();
    expect(await leader(killed)).not.to.equal(killed);
    await sendWithout(killed, 'after a kill');
    await killed.start();
    await untilAllInSync();
  });

  it('continues without a frozen leader, which rejoins when it is resumed', async () => {
    const frozen = await leader();
    await frozen.pause();
    expect(await leader(frozen)).not.to.equal(frozen);
    await sendWithout(frozen, 'after a freeze');
    await frozen.resume();
    await untilAllInSync();
  });
});
