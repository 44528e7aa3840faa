import { expect } from 'chai';
import { CompressionCodecs, CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { Readers } from '../../../contract/log/log-under-test.js';
import {
  COMPRESSED_BATCHES,
  RECORDS,
  type CompressedBatch,
} from '../../../support/kafka/compressed-batches.js';
import { eventually } from '../../../support/eventually.js';
import { testKafka } from '../../../support/servers/test-servers.js';
import { kafkaSettings, readyKafkaProcess, type KafkaProcess } from '../kafka-log-under-test.js';

/** Sends the batch with the compressed bytes as they are: in this client's batch, kafkajs's codec returns them. */
async function produce(kafka: Kafka, topic: string, { codec, bytes }: CompressedBatch): Promise<void> {
  const compression = CompressionTypes[codec];
  const codecs = CompressionCodecs as Record<number, () => object>;
  const registered = codecs[compression];
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  codecs[compression] = () => ({ compress: () => Promise.resolve(bytes) });
  try {
    const messages = RECORDS.map(() => ({ value: 'replaced', partition: 0 }));
    await producer.send({ topic, compression, messages });
  } finally {
    if (registered) codecs[compression] = registered;
    await producer.disconnect();
  }
}

/** Cuts the end of every batch of Snappy before it is decompressed, because brokers reject damaged batches. */
function damageBatches(): () => void {
  const { Snappy } = CompressionTypes;
  const codec = CompressionCodecs[Snappy]() as { decompress(bytes: Buffer): Promise<Buffer> };
  const damaging = { decompress: (bytes: Buffer) => codec.decompress(bytes.subarray(0, -5)) };
  // Each new consumer registers the decoders again.
  Object.defineProperty(CompressionCodecs, Snappy, {
    configurable: true,
    get: () => () => damaging,
    set: () => undefined,
  });
  return () => {
    const value = (): object => codec;
    Object.defineProperty(CompressionCodecs, Snappy, { value, writable: true, configurable: true });
  };
}

describe('KafkaRecordFeed, reading what other producers compressed', function () {
  this.timeout(60_000);
  const readers = new Readers();
  let process: KafkaProcess;

  afterEach(async () => {
    await readers.close();
    await process.close();
  });

  for (const batch of COMPRESSED_BATCHES)
    it(`delivers the records of a batch that ${batch.producer} compressed with ${batch.codec}`, async () => {
      const settings = kafkaSettings(await testKafka(), { partitions: 1 });
      process = await readyKafkaProcess(settings);
      const kafka = new Kafka({ brokers: [...settings.brokers], logLevel: logLevel.NOTHING });
      await produce(kafka, settings.topics.messages, batch);
      const { reader } = await readers.join(process.feed);
      const texts = await reader.waitForRecords(RECORDS.length);
      expect(texts).to.deep.equal(RECORDS.map(([, value]) => value));
      expect(reader.records.map(({ key }) => String(key))).to.deep.equal(RECORDS.map(([key]) => key));
    });

  it('reports a fatal error if a batch cannot be decompressed', async () => {
    const [batch] = COMPRESSED_BATCHES;
    const settings = kafkaSettings(await testKafka(), { partitions: 1 });
    process = await readyKafkaProcess(settings);
    const kafka = new Kafka({ brokers: [...settings.brokers], logLevel: logLevel.NOTHING });
    await produce(kafka, settings.topics.messages, batch!);
    const restore = damageBatches();
    try {
      await readers.join(process.feed);
      await eventually(
        () => process.fatal.length > 0,
        () => 'no fatal error',
        45_000,
      );
    } finally {
      restore();
    }
    expect(process.fatal[0]?.message).to.match(/in a row made no progress, the last one: CorruptBatch$/);
  });
});
