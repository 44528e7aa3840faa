import { expect } from 'chai';
import { KafkaPartitionedLog } from '../../../../src/adapters/kafka/producing/kafka-partitioned-log.js';
import type { RecordGroup, NewRecord } from '../../../../src/application/ports/record-log.js';
import { aRecord, Readers } from '../../../contract/log/log-under-test.js';
import { testKafka } from '../../../support/servers/test-servers.js';
import { kafkaSettings, PARTITIONS, readyKafkaProcess, type KafkaProcess } from '../kafka-log-under-test.js';

describe('KafkaPartitionedLog, on a real broker', function () {
  this.timeout(30_000);
  const readers = new Readers();
  let process: KafkaProcess;
  let log: KafkaPartitionedLog;

  beforeEach(async () => {
    process = await readyKafkaProcess(kafkaSettings(await testKafka()));
    log = new KafkaPartitionedLog(process.connection.partitionedWriting('messages'));
    await log.ready();
  });

  afterEach(async () => {
    await log.close();
    await readers.close();
    await process.close();
  });

  const grouped = (...records: NewRecord[]): RecordGroup[] =>
    Array.from({ length: PARTITIONS }, (_, partition) => ({
      partition,
      records: records.filter((record) => log.partitionOf(record) === partition),
    })).filter(({ records }) => records.length > 0);

  it('writes each group in order, and each record to the partition of its key', async () => {
    const records = Array.from({ length: 60 }, (_, n) => aRecord(`key-${String(n % 20)}`, String(n)));
    const groups = grouped(...records);
    expect(groups).to.have.length(PARTITIONS);
    expect(await Promise.all(log.attempt(groups))).to.deep.equal(['appended', 'appended', 'appended']);
    const { reader } = await readers.join(process.feed);
    await reader.waitForRecords(60);
    for (const { key, value, partition } of reader.records)
      expect(partition).to.equal(log.partitionOf(aRecord(String(key), String(value))));
    for (const { partition, records } of groups) {
      const read = reader.records.filter((record) => record.partition === partition);
      expect(read.map(({ value }) => String(value))).to.deep.equal(records.map(({ value }) => String(value)));
    }
  });

  it('writes records without a key, and with the keys of other clients, as `KafkaRecordLog` does', async () => {
    const keyless = aRecord(null, 'no key');
    await Promise.all(log.attempt(grouped(keyless)));
    const keyed = Array.from({ length: 10 }, (_, n) => aRecord(`key-${String(n)}`, String(n)));
    await process.messages.append(keyed, new AbortController().signal);
    const { reader } = await readers.join(process.feed);
    await reader.waitForRecords(11);
    for (const { key, value, partition } of reader.records)
      expect(partition).to.equal(log.partitionOf(aRecord(key && String(key), String(value))));
  });

  it('reports which group is too large, and confirms the others', async () => {
    const keys = [0, 1].map((partition) =>
      Array.from({ length: 50 }, (_, n) => `key-${String(n)}`).find(
        (key) => log.partitionOf(aRecord(key, '')) === partition,
      ),
    );
    const [large, small] = [aRecord(keys[0] ?? '', 'x'.repeat(1_100_000)), aRecord(keys[1] ?? '', 'small')];
    expect(await Promise.all(log.attempt(grouped(large, small)))).to.deep.equal(['too-large', 'appended']);
    const { reader } = await readers.join(process.feed);
    expect(await reader.waitForRecords(1)).to.deep.equal(['small']);
  });

  it('writes to one partition only, and rejects a record that is too large alone', async () => {
    const partition = log.partition(2);
    const records = [aRecord('any', 'one'), aRecord('key', 'x'.repeat(1_100_000)), aRecord(null, 'two')];
    expect(await partition.append(records, new AbortController().signal)).to.deep.equal([
      ...['appended', 'too-large', 'appended'],
    ]);
    const { reader } = await readers.join(process.feed);
    expect(await reader.waitForRecords(2)).to.deep.equal(['one', 'two']);
    expect(reader.records.map((record) => record.partition)).to.deep.equal([2, 2]);
    await partition.close();
  });
});
