import { expect } from 'chai';
import type { LocalKafka } from '../../../../scripts/stack/local-kafka.js';
import type { LocalKafkaCluster } from '../../../../scripts/stack/local-kafka-cluster.js';
import { newKafkaCluster } from '../../../../scripts/stack/servers.js';
import { KafkaPartitionedLog } from '../../../../src/adapters/kafka/producing/kafka-partitioned-log.js';
import { SystemClock } from '../../../../src/adapters/system/system-clock.js';
import { PartitionedSendQueue } from '../../../../src/application/sending/queue/partitioned-send-queue.js';
import { eventually } from '../../../support/eventually.js';
import { kafkaProcess, kafkaSettings, type KafkaProcess } from '../../kafka/kafka-log-under-test.js';
import { createAssignedTopic } from '../assigned-topic.js';
import { RejectedTraffic, type TimedRecord } from './rejected-traffic.js';
import { percentileOf } from '../sending/send-traffic.js';

/** The replicas of each partition of the dead-letter topic. The tests kill or freeze broker 2. */
const REPLICAS = [[1], [2], [3]];
const LOST = 1;
const OTHERS = [0, 2];
const OUTAGE_MS = 20_000;

describe('Dead letters in a Kafka cluster that loses a broker', function () {
  this.timeout(180_000);
  let cluster: LocalKafkaCluster;
  let process: KafkaProcess | undefined;
  let log: KafkaPartitionedLog | undefined;
  let traffic: RejectedTraffic | undefined;

  before(async () => {
    cluster = await newKafkaCluster({ properties: { 'broker.session.timeout.ms': '9000' } });
    await cluster.start();
  });

  afterEach(async () => {
    await traffic?.stop();
    await log?.close();
    await process?.close();
  });

  after(() => cluster?.remove());

  async function start(): Promise<void> {
    const brokers = cluster.nodes.map(({ address }) => address);
    const settings = kafkaSettings('', { brokers });
    await createAssignedTopic(brokers, settings.topics.deadLetters, REPLICAS);
    process = kafkaProcess(settings);
    log = new KafkaPartitionedLog(process.connection.partitionedWriting('dead-letters'));
    traffic = new RejectedTraffic(
      new PartitionedSendQueue(log, new SystemClock(), { timeoutMs: 5_000 }),
      REPLICAS.length,
    );
    await traffic.start();
  }

  const records = (from: number, to: number, partitions: readonly number[]): TimedRecord[] =>
    traffic?.between(from, to, partitions) ?? [];
  const isUncommitted = ({ committedAt }: TimedRecord): boolean => committedAt === undefined;

  /** Resolves when each of these partitions has committed a record that arrived at `now` or later. */
  function untilCommitted(now: number, partitions: readonly number[]): Promise<void> {
    const hasCommitted = (partition: number): boolean =>
      records(now, Infinity, [partition]).some((record) => !isUncommitted(record));
    return eventually(
      () => partitions.every(hasCommitted),
      () => `Not every partition commits.`,
      60_000,
    );
  }

  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  for (const { how, lose, bringBack } of [
    { how: 'killed', lose: (node: LocalKafka) => node.kill(), bringBack: (node: LocalKafka) => node.start() },
    {
      how: 'frozen',
      lose: (node: LocalKafka) => node.pause(),
      bringBack: (node: LocalKafka) => node.resume(),
    },
  ]) {
    it(`delay only the records with dead letters for its partitions when it is ${how}`, async () => {
      await start();
      await untilCommitted(performance.now(), [...OTHERS, LOST]);
      const node = cluster.node(2);
      const lostAt = performance.now();
      await lose(node);
      try {
        await pause(OUTAGE_MS);
        const others = records(lostAt - 100, performance.now() - 2_000, OTHERS);
        expect(others).to.have.length.greaterThan(500);
        const times = others.map(({ at, committedAt = Infinity }) => committedAt - at);
        // Below one second, unless other tests need both cores. The outage lasts 20 s.
        expect(percentileOf(times, 0.99)).to.be.lessThan(5_000);
        expect(others.filter(isUncommitted)).to.deep.equal([]);
        const waiting = records(lostAt + 500, performance.now(), [LOST]);
        expect(waiting).to.have.length.greaterThan(500);
        expect(waiting.filter(isUncommitted)).to.have.length(waiting.length);
      } finally {
        await bringBack(node);
      }
      await untilCommitted(performance.now(), [...OTHERS, LOST]);
      traffic?.endArrivals();
      const all = traffic?.records ?? [];
      await eventually(() => !all.some(isUncommitted));
      const ids = (isRejected: boolean) =>
        all.filter((record) => record.isRejected === isRejected).map(({ id }) => id);
      expect(await traffic?.failed()).to.have.members(ids(true));
      expect(await traffic?.stored()).to.have.members(ids(false));
    });
  }
});
