import { expect } from 'chai';
import type { Server } from '../../../scripts/stack/server.js';
import { newKafka } from '../../../scripts/stack/servers.js';
import { Readers } from '../../contract/log/log-under-test.js';
import { eventually } from '../../support/eventually.js';
import type { RecordingSubscriber } from '../../support/delivery/recording-subscriber.js';
import { TcpProxy } from '../../support/servers/tcp-proxy.js';
import { kafkaProcess, kafkaSettings, readyKafkaProcess, type KafkaProcess } from './kafka-log-under-test.js';
import { compare, SteadyWriter } from './steady-writer.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('Kafka, when it goes down and comes back', function () {
  this.timeout(90_000);
  const readers = new Readers();
  let proxy: TcpProxy;
  let kafka: Server;
  let process: KafkaProcess;

  before(async () => {
    proxy = await TcpProxy.listen(() => kafka.port);
    kafka = await newKafka({ advertisedPort: proxy.port });
  });

  afterEach(async () => {
    await readers.close();
    await process.close();
  });

  after(async () => {
    await kafka.remove();
    await proxy.close();
  });

  const nothingMissing = async (reader: RecordingSubscriber, writer: SteadyWriter): Promise<void> => {
    const { confirmed } = writer;
    await eventually(
      () => compare(confirmed, reader.texts).lost.length === 0,
      () => `${String(compare(confirmed, reader.texts).lost.length)} of ${String(writer.count)} lost`,
      30_000,
    );
    expect(compare(confirmed, reader.texts).swapped).to.deep.equal([]);
  };

  it('makes a program that starts first wait, and create its topics later', async () => {
    process = kafkaProcess(kafkaSettings(kafka.address));
    const { reader } = await readers.join(process.feed);
    const writer = new SteadyWriter(process.messages, 60_000);
    await sleep(500);
    expect(process.connection.status()).to.include({ state: 'down' });
    await kafka.start();
    await eventually(() => process.connection.status().state === 'up');
    await eventually(() => writer.count > 100);
    await writer.stop();
    await nothingMissing(reader, writer);
    expect(process.fatal).to.deep.equal([]);
  });

  it('loses no confirmed record, and keeps each key’s order, when its responses are lost', async () => {
    process = await readyKafkaProcess(kafkaSettings(kafka.address));
    const { reader } = await readers.join(process.feed, {}, { commit: true });
    const writer = new SteadyWriter(process.messages, 60_000);
    for (let round = 0; round < 6; round += 1) {
      const before = writer.count;
      await eventually(() => writer.count > before + 500);
      proxy.loseResponses();
      await sleep(150);
      proxy.passResponses();
    }
    await writer.stop();
    await nothingMissing(reader, writer);
    const repeated = reader.texts.length - new Set(reader.texts).size;
    expect(repeated, 'a batch was written and its response lost').to.be.greaterThan(0);
    expect(writer.givenUp).to.equal(0);
    expect(process.fatal).to.deep.equal([]);
  });

  it('loses no confirmed record when it is killed and restarted, and its readers then continue', async () => {
    process = await readyKafkaProcess(kafkaSettings(kafka.address));
    const { reader } = await readers.join(process.feed, {}, { commit: true });
    const writer = new SteadyWriter(process.messages, 2_000);
    await eventually(() => writer.count > 1_000);
    await kafka.kill();
    await eventually(() => process.connection.status().state === 'down');
    await kafka.start();
    await eventually(() => process.connection.status().state === 'up');
    const before = writer.count;
    await eventually(() => writer.count > before + 1_000);
    await writer.stop();
    await nothingMissing(reader, writer);
    expect(process.fatal).to.deep.equal([]);
    expect(process.lost).to.deep.equal([]);
  });
});
