import { expect } from 'chai';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { commitAsMember } from './commit-as-member.js';
import type { KafkaSettings } from '../../../../src/adapters/kafka/kafka-settings.js';
import { aRecord, append, Readers } from '../../../contract/log/log-under-test.js';
import { eventually } from '../../../support/eventually.js';
import { testKafka } from '../../../support/servers/test-servers.js';
import { kafkaSettings, readyKafkaProcess, type KafkaProcess } from '../kafka-log-under-test.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('KafkaRecordFeed, on a log that was cut', function () {
  this.timeout(60_000);
  const readers = new Readers();
  const processes: KafkaProcess[] = [];
  let kafka: Kafka;
  let admin: Admin;
  let settings: KafkaSettings;

  before(async () => {
    kafka = new Kafka({ brokers: [await testKafka()], logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
  });

  after(() => admin.disconnect());

  beforeEach(async () => {
    settings = kafkaSettings(await testKafka(), { partitions: 1 });
  });

  afterEach(async () => {
    await readers.close();
    await Promise.all(processes.splice(0).map((process) => process.close()));
  });

  const start = async (options?: Parameters<typeof readyKafkaProcess>[1]): Promise<KafkaProcess> => {
    const process = await readyKafkaProcess(settings, options);
    processes.push(process);
    return process;
  };

  const send = (process: KafkaProcess, ...texts: string[]): Promise<void> =>
    append(process.messages, ...texts.map((text) => aRecord('b', text)));

  const exists = async (): Promise<boolean> => (await admin.listTopics()).includes(settings.topics.messages);

  /** Recreates the topic. Offsets start at 0 again, as in a log that was truncated to nothing. */
  const makeAnew = async (): Promise<void> => {
    const topic = settings.topics.messages;
    await admin.deleteTopics({ topics: [topic] });
    await eventually(async () => !(await exists()));
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  };

  /**
   * Recreates the topic and restores the group's offsets, which the broker deletes with the topic. This is
   * the state after a restore of the topic's volume alone.
   */
  const makeAnewWithOffsets = async (): Promise<void> => {
    const topic = settings.topics.messages;
    const [found] = await admin.fetchOffsets({ groupId: 'readers', topics: [topic] });
    await makeAnew();
    await commitAsMember(kafka, 'readers', topic, found?.partitions ?? []);
  };

  const five = ['one', 'two', 'three', 'four', 'five'];

  it('delivers every record of a log that was cut below a running consumer', async () => {
    const process = await start();
    const { reader } = await readers.join(
      process.feed,
      {},
      { commit: true, holds: ({ offset }) => offset === 4 },
    );
    await send(process, ...five);
    await reader.waitForRecords(5);
    // The consumer is paused, so that kafkajs does not notice that the topic is gone.
    await sleep(500);
    await makeAnew();
    await send(process, 'new 1', 'new 2');
    reader.release();
    expect(await reader.waitForRecords(7)).to.deep.equal([...five, 'new 1', 'new 2']);
    expect(process.lost.map(({ count }) => count)).to.deep.equal([1]);
    expect(process.connection.status().state).to.equal('degraded');
  });

  for (const { now, name } of [
    { now: ['new 1', 'new 2'], name: 'ends below its offset' },
    { now: [...five.map((text) => `new ${text}`), 'new six'], name: 'has grown beyond its offset again' },
  ]) {
    it(`delivers every record of a log that was recreated while the group was away and ${name}`, async () => {
      const first = await start();
      const before = await readers.join(first.feed, {}, { commit: true });
      await send(first, ...five);
      await before.reader.waitForRecords(5);
      const last = before.reader.records[4]!;
      before.reader.assignments[0]!.partition.commit(5, last);
      await readers.close();
      await makeAnewWithOffsets();
      await send(first, ...now);
      const { reader } = await readers.join(first.feed, {}, { commit: true });
      expect(await reader.waitForRecords(now.length)).to.deep.equal(now);
      expect(first.lost.map(({ count }) => count)).to.deep.equal([1]);
      expect(first.logger.events()).to.include('log.records-lost');
      await readers.close();

      const second = await start();
      await send(second, 'later');
      const again = await readers.join(second.feed);
      expect(await again.reader.waitForRecords(1)).to.deep.equal(['later']);
      expect(second.lost).to.deep.equal([]);
      expect(second.connection.status().state).to.equal('degraded');
    });
  }

  it('notices that the log ends below the offset of a consumer that has nothing to read', async () => {
    const process = await start();
    const { reader } = await readers.join(
      process.feed,
      {},
      { commit: true, holds: ({ offset }) => offset === 4 },
    );
    await send(process, ...five);
    await reader.waitForRecords(5);
    await sleep(500);
    await makeAnew();
    reader.release();
    await eventually(() => process.lost.length === 1, undefined, 20_000);
    await send(process, 'new');
    expect(await reader.waitForRecords(6)).to.deep.equal([...five, 'new']);
  });
});
