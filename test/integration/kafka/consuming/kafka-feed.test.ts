import { expect } from 'chai';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import type { KafkaSettings } from '../../../../src/adapters/kafka/kafka-settings.js';
import { aRecord, append, Readers } from '../../../contract/log/log-under-test.js';
import { eventually } from '../../../support/eventually.js';
import { testKafka } from '../../../support/servers/test-servers.js';
import { kafkaSettings, readyKafkaProcess, type KafkaProcess } from '../kafka-log-under-test.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('KafkaRecordFeed, on a real broker', function () {
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

  const dropBefore = async (offset: number): Promise<void> => {
    const topic = settings.topics.messages;
    // kafkajs deletes records only in partitions whose leaders it has looked up.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  };

  it('reports how many records the log dropped before they were delivered, and continues with the earliest', async () => {
    const first = await start();
    await send(first, 'one', 'two', 'three', 'four', 'five');
    const before = await readers.join(first.feed);
    await before.reader.waitForRecords(5);
    before.reader.assignments[0]!.partition.commit(1);
    await readers.close();
    await dropBefore(3);

    const { reader } = await readers.join(first.feed);
    expect(await reader.waitForRecords(2)).to.deep.equal(['four', 'five']);
    const lost = { group: 'readers', topic: settings.topics.messages, partition: 0, count: 2 };
    expect(first.lost).to.deep.equal([lost]);
    expect(first.logger.events()).to.include('log.records-lost');
    expect(first.connection.status().state).to.equal('degraded');
    reader.assignments[0]!.partition.commit(5);
    await readers.close();

    const second = await start();
    await readers.join(second.feed);
    await eventually(() => second.connection.status().state === 'degraded');
    expect(second.lost, 'it was reported once').to.deep.equal([]);
    await readers.close();

    const third = await start({ acknowledgeLost: true });
    const acknowledging = await readers.join(third.feed);
    await eventually(() => acknowledging.reader.current.length === 1);
    await sleep(300);
    expect(third.connection.status().state).to.equal('up');
    await readers.close();

    const fourth = await start();
    const afterwards = await readers.join(fourth.feed);
    await eventually(() => afterwards.reader.current.length === 1);
    await sleep(300);
    expect(fourth.connection.status().state).to.equal('up');
    await send(fourth, 'six');
    expect(await afterwards.reader.waitForRecords(1)).to.deep.equal(['six']);
  });

  it('reports the loss even if the log drops records behind a reader that was not ready', async () => {
    const process = await start();
    const { reader } = await readers.join(process.feed, {}, { holds: ({ offset }) => offset === 0 });
    await send(process, 'one');
    await reader.waitForRecords(1);
    await sleep(300);
    await send(process, 'two', 'three', 'four');
    await dropBefore(3);
    reader.release();
    expect(await reader.waitForRecords(2)).to.deep.equal(['one', 'four']);
    expect(process.lost.map(({ count }) => count)).to.deep.equal([2]);
    expect(reader.assignments).to.have.length(1);
  });

  it('stays a member for longer than a session while its reader is not ready', async () => {
    const process = await start();
    const { reader } = await readers.join(process.feed, {}, { holds: ({ offset }) => offset === 0 });
    await send(process, 'one');
    await reader.waitForRecords(1);
    await send(process, 'two');
    await sleep(12_000);
    reader.release();
    expect(await reader.waitForRecords(2)).to.deep.equal(['one', 'two']);
    expect(reader.assignments).to.have.length(1);
  });

  it('commits what is finished before a rebalance, so that nothing is read twice', async () => {
    const [process, otherProcess] = [await start(), await start()];
    const first = await readers.join(process.feed, {}, { commit: true });
    let isOver = false;
    const sending = (async () => {
      for (let sent = 0; !isOver; sent += 1) {
        await send(process, String(sent));
        await sleep(20);
      }
    })();
    await first.reader.waitForRecords(1);
    const second = await readers.join(otherProcess.feed, {}, { commit: true });
    const used = () =>
      [first, second].flatMap(({ reader }) => reader.assignments).filter(({ records }) => records.length > 0);
    await eventually(() => used().length > 1);
    isOver = true;
    await sending;
    const [before, after] = used();
    expect(after?.records[0]?.offset).to.equal((before?.records.at(-1)?.offset ?? NaN) + 1);
    expect(process.logger.events()).not.to.include('log.commit-failed');
  });

  it("skips the markers of other programs' transactions, and the records that these aborted", async () => {
    const process = await start();
    const producer = kafka.producer({
      transactionalId: `test-${settings.topics.messages}`,
      idempotent: true,
    });
    await producer.connect();
    for (const [text, ending] of [
      ['kept', 'commit'],
      ['taken back', 'abort'],
      ['kept too', 'commit'],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: settings.topics.messages, messages: [{ key: 'b', value: text }] });
      await transaction[ending]();
    }
    await producer.disconnect();
    const { reader } = await readers.join(process.feed, {}, { commit: true });
    expect(await reader.waitForRecords(2)).to.deep.equal(['kept', 'kept too']);
    await send(process, 'plain');
    expect(await reader.waitForRecords(3)).to.deep.equal(['kept', 'kept too', 'plain']);
    expect(process.lost).to.deep.equal([]);
  });

  it('reports the lag of each partition', async () => {
    const process = await start();
    const { reader } = await readers.join(process.feed);
    await send(process, 'one', 'two', 'three');
    await reader.waitForRecords(3);
    const topic = settings.topics.messages;
    const lag = (records: number) => [{ group: 'readers', topic, partition: 0, records }];
    await eventually(() => process.feed.lag()[0]?.records === 3);
    reader.assignments[0]!.partition.commit(2);
    expect(process.feed.lag()).to.deep.equal(lag(1));
    reader.assignments[0]!.partition.commit(3);
    expect(process.feed.lag()).to.deep.equal(lag(0));
  });

  it('reads a topic that was deleted and recreated from its beginning', async () => {
    const first = await start();
    await send(first, 'one', 'two', 'three');
    const { reader } = await readers.join(first.feed, {}, { commit: true });
    await reader.waitForRecords(3);
    await readers.close();
    await first.close();
    processes.length = 0;
    await admin.deleteTopics({ topics: [settings.topics.messages] });
    const second = await start();
    await send(second, 'new');
    const next = await readers.join(second.feed);
    expect(await next.reader.waitForRecords(1)).to.deep.equal(['new']);
  });
});
