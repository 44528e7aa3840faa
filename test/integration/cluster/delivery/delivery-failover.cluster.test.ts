import { expect } from 'chai';
import { partitionsOf } from '../../../../scripts/stack/ping.js';
import type { LocalKafka } from '../../../../scripts/stack/local-kafka.js';
import type { LocalKafkaCluster } from '../../../../scripts/stack/local-kafka-cluster.js';
import { retryUntil } from '../../../../scripts/stack/retry-until.js';
import { newKafkaCluster } from '../../../../scripts/stack/servers.js';
import { murmur2 } from '../../../../src/adapters/kafka/producing/partitioner.js';
import { append, aRecord } from '../../../contract/log/log-under-test.js';
import { eventually } from '../../../support/eventually.js';
import { kafkaProcess, kafkaSettings, type KafkaProcess } from '../../kafka/kafka-log-under-test.js';
import { ReadingSubscriber } from './reading-subscriber.js';

const PARTITIONS = 12;
const KEYS = Array.from({ length: 60 }, (_, n) => `client-${String(n)}`);
/**
 * Counted from the moment that the controller names new leaders. An idle machine needed 1 s after a kill and 3 s after
 * a freeze.
 */
const DELIVERS_WITHIN_MS = 10_000;
const BUSY_MACHINE = 2;

describe('Reading from a Kafka cluster that loses a broker', function () {
  this.timeout(180_000);
  let cluster: LocalKafkaCluster;
  let process: KafkaProcess;
  let subscriber: ReadingSubscriber;
  let close: () => Promise<void>;

  before(async () => {
    cluster = await newKafkaCluster({ properties: { 'broker.session.timeout.ms': '9000' } });
    await cluster.start();
  });

  async function begin(replication: number): Promise<void> {
    const brokers = cluster.nodes.map(({ address }) => address);
    process = kafkaProcess(kafkaSettings('', { brokers, partitions: PARTITIONS, replication }));
    await eventually(() => process.connection.status().state !== 'down');
    await subscribe();
    await send('before');
    await subscriber.untilRead(textsOf('before'), 60_000);
  }

  async function subscribe(): Promise<void> {
    subscriber = new ReadingSubscriber();
    const connection = await process.feed.subscribe({ topic: 'messages', group: 'readers' }, subscriber);
    close = () => connection.close();
  }

  afterEach(async () => {
    await close();
    await process.close();
  });

  after(() => cluster?.remove());

  const textsOf = (when: string, keys = KEYS): string[] => keys.map((key) => `${key} ${when}`);

  /** Sends a batch, and repeats it until all of it is confirmed. */
  async function send(when: string, keys = KEYS): Promise<void> {
    const records = keys.map((key) => aRecord(key, `${key} ${when}`));
    await retryUntil(() => append(process.messages, ...records), 60_000);
  }

  async function partitionsLedBy(node: LocalKafka, asked: LocalKafka): Promise<number[]> {
    const partitions = await partitionsOf(asked.address, process.connection.topicName('messages'));
    return partitions
      .filter(({ leader }) => leader > 0 && cluster.node(leader) === node)
      .map(({ partitionId }) => partitionId)
      .sort((a, b) => a - b);
  }

  /** Returns a broker that leads partitions, and another one to ask. */
  async function someLeader(): Promise<readonly [LocalKafka, LocalKafka]> {
    const [asked, ...others] = cluster.nodes;
    if (asked === undefined) throw new Error('The cluster has no nodes.');
    for (const node of others) if ((await partitionsLedBy(node, asked)).length > 0) return [node, asked];
    throw new Error('The asked node leads every partition.');
  }

  for (const { what, lose, bringBack } of [
    {
      what: 'is killed',
      lose: (node: LocalKafka) => node.kill(),
      bringBack: (node: LocalKafka) => node.start(),
    },
    {
      what: 'freezes',
      lose: (node: LocalKafka) => node.pause(),
      bringBack: (node: LocalKafka) => node.resume(),
    },
  ]) {
    it(`continues within ${String(DELIVERS_WITHIN_MS / 1_000)} s of new leaders when one ${what}`, async () => {
      await begin(3);
      const [node, asked] = await someLeader();
      await lose(node);
      try {
        await retryUntil(async () => {
          if ((await partitionsLedBy(node, asked)).length > 0) throw new Error('It still leads partitions.');
        }, 60_000);
        await send('after');
        await subscriber.untilRead(textsOf('after'), DELIVERS_WITHIN_MS * BUSY_MACHINE);
      } finally {
        await bringBack(node);
      }
      await cluster.waitUntilComplete();
      await send('with all');
      await subscriber.untilRead(textsOf('with all'), 30_000);
      await eventually(() => process.connection.status().state !== 'down');
      expect(process.fatal).to.deep.equal([]);
      expect(process.lost).to.deep.equal([]);
    });
  }

  it('reads the other partitions of a topic while some have lost their only replica', async () => {
    await begin(1);
    const [node, asked] = await someLeader();
    const dead = await partitionsLedBy(node, asked);
    const living = KEYS.filter((key) => !dead.includes(partitionOf(key)));
    await node.kill();
    try {
      const topic = process.connection.topicName('messages');
      const warning = `${topic}: partitions without a leader that answers: ${dead.join(', ')}`;
      await eventually(
        () => process.connection.status().warnings?.includes(warning) === true,
        () => `Kafka is ${JSON.stringify(process.connection.status())}`,
        60_000,
      );
      expect(process.connection.status().state).to.equal('degraded');
      await send('without', living);
      await subscriber.untilRead(textsOf('without', living), 30_000);
      // A new member has to look up the offsets at which it continues.
      await close();
      await subscribe();
      await send('anew', living);
      await subscriber.untilRead(textsOf('anew', living), 30_000);
    } finally {
      await node.start();
    }
    await send('with all');
    await subscriber.untilRead(textsOf('with all'), 60_000);
    await eventually(
      () => process.connection.status().warnings?.join().includes('without a leader') !== true,
    );
    expect(process.fatal).to.deep.equal([]);
    expect(process.lost).to.deep.equal([]);
  });
});

/** The partition that the key partitioner chooses. */
function partitionOf(key: string): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % PARTITIONS;
}
