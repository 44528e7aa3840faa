import { expect } from 'chai';
import { partitionsOf } from '../../../scripts/stack/ask.js';
import type { LocalKafka } from '../../../scripts/stack/local-kafka.js';
import type { LocalKafkaCluster } from '../../../scripts/stack/local-kafka-cluster.js';
import { retryUntil } from '../../../scripts/stack/retry-until.js';
import { newKafkaCluster } from '../../../scripts/stack/servers.js';
import { append, aRecord } from '../../contract/log-under-test.js';
import { eventually } from '../../support/eventually.js';
import { kafkaSettings, readyKafkaProcess, type KafkaProcess } from '../kafka/kafka-log-under-test.js';
import { ReadingSubscriber } from './reading-subscriber.js';

const PARTITIONS = 12;
const KEYS = Array.from({ length: 60 }, (_, n) => `client-${String(n)}`);
/** From the moment that the controller names new leaders. An idle machine took 1 s after a kill and 3 s after a freeze. */
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

  beforeEach(async () => {
    const brokers = cluster.nodes.map(({ address }) => address);
    process = await readyKafkaProcess(kafkaSettings('', { brokers, partitions: PARTITIONS, replication: 3 }));
    subscriber = new ReadingSubscriber();
    const connection = await process.feed.subscribe({ topic: 'messages', group: 'readers' }, subscriber);
    close = () => connection.close();
    await sendToAll('before');
    await subscriber.untilRead(textsOf('before'), 60_000);
  });

  afterEach(async () => {
    await close();
    await process.close();
  });

  after(() => cluster?.remove());

  const textsOf = (when: string): string[] => KEYS.map((key) => `${key} ${when}`);

  /** Repeats the batch until all of it is confirmed. */
  async function sendToAll(when: string): Promise<void> {
    const records = KEYS.map((key) => aRecord(key, `${key} ${when}`));
    await retryUntil(() => append(process.messages, ...records), 60_000);
  }

  async function leads(node: LocalKafka, asked: LocalKafka): Promise<boolean> {
    const partitions = await partitionsOf(asked.address, process.connection.topicName('messages'));
    return partitions.some(({ leader }) => cluster.node(leader) === node);
  }

  /** One that leads partitions, and another one to ask. */
  async function someLeader(): Promise<readonly [LocalKafka, LocalKafka]> {
    const [asked, ...others] = cluster.nodes;
    if (asked === undefined) throw new Error('The cluster has no nodes.');
    for (const node of others) if (await leads(node, asked)) return [node, asked];
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
    it(`goes on within ${String(DELIVERS_WITHIN_MS / 1_000)} s of new leaders when one ${what}`, async () => {
      const [node, asked] = await someLeader();
      await lose(node);
      try {
        await retryUntil(async () => {
          if (await leads(node, asked)) throw new Error('It still leads partitions.');
        }, 60_000);
        await sendToAll('after');
        await subscriber.untilRead(textsOf('after'), DELIVERS_WITHIN_MS * BUSY_MACHINE);
      } finally {
        await bringBack(node);
      }
      await cluster.untilComplete();
      await sendToAll('with all');
      await subscriber.untilRead(textsOf('with all'), 30_000);
      await eventually(() => process.connection.status().state !== 'down');
      expect(process.fatal).to.deep.equal([]);
      expect(process.lost).to.deep.equal([]);
    });
  }
});
