import { createRequire } from 'node:module';
import { expect } from 'chai';
import { KafkaPartitionedLog } from '../../../../../src/adapters/kafka/producing/kafka-partitioned-log.js';
import { PartitionLeaders } from '../../../../../src/adapters/kafka/producing/partition-leaders.js';
import { murmur2 } from '../../../../../src/adapters/kafka/producing/partitioner.js';
import {
  keepProduceResults,
  type Produced,
} from '../../../../../src/adapters/kafka/kafkajs-patches/produce-results.js';
import type { GroupResult } from '../../../../../src/application/ports/record-log.js';
import { aRecord } from '../../../../contract/log/log-under-test.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { brokerError, connectionError, FakeProducers } from './fake-producer.js';

const require = createRequire(import.meta.url);

/** The error that kafkajs rejects with when the broker returned these codes, by partition. */
async function produceError(codes: Readonly<Record<number, number>>): Promise<Error> {
  keepProduceResults();
  const { protocol } = require('kafkajs/src/protocol/requests/produce/index.js');
  const { response } = protocol({ version: 7 })({ topicData: [] });
  const partitions = Object.entries(codes).map(([partition, errorCode]) => ({
    partition: Number(partition),
    errorCode,
  }));
  const data: Produced = { topics: [{ partitions }] };
  const error: unknown = await response.parse(data).catch((reason: unknown) => reason);
  return new Error('retries', { cause: error });
}

describe('KafkaPartitionedLog', () => {
  let clock: FakeClock;
  let producers: FakeProducers;
  let opened: string[];
  let told: string[];
  let led: Map<number, string>;
  let refusal: Error | undefined;
  let log: KafkaPartitionedLog;

  beforeEach(async () => {
    clock = new FakeClock();
    producers = new FakeProducers();
    opened = [];
    told = [];
    refusal = undefined;
    led = new Map([
      [0, 'a:1'],
      [1, 'b:1'],
      [2, 'a:1'],
    ]);
    const ask = async () => {
      if (refusal) throw refusal;
      return { partitions: 4, leaders: new Map(led), brokers: ['a:1', 'b:1'] };
    };
    const leaders = new PartitionLeaders(() => ({ ask, close: async () => undefined }), ['a:1'], clock);
    const health = {
      succeeded: (part: string) => told.push(`${part} succeeded`),
      failed: (part: string, kind: string) => told.push(`${part} failed: ${kind}`),
    };
    const newProducer = ({ leader }: { leader: string }) => {
      opened.push(leader);
      return producers.make();
    };
    log = new KafkaPartitionedLog({ leaders, newProducer, health, clock });
    await log.ready();
  });

  afterEach(async () => {
    await log.close();
    // A deferred request for leaders ends now.
    await clock.advance(200);
    expect(clock.pendingTimers).to.equal(0);
  });

  const attempt = (...partitions: number[]): Promise<GroupResult[]> =>
    Promise.all(
      log.attempt(
        partitions.map((partition) => ({ partition, records: [aRecord('b', `to ${String(partition)}`)] })),
      ),
    );

  it('sends each broker the partitions that it leads in one request, and reuses the connection', async () => {
    expect(await attempt(0, 1, 2)).to.deep.equal(['appended', 'appended', 'appended']);
    expect(await attempt(2)).to.deep.equal(['appended']);
    expect(opened).to.deep.equal(['a:1', 'b:1']);
    expect(producers.made.map(({ sends }) => sends)).to.deep.equal([
      [['to 0', 'to 2'], ['to 2']],
      [['to 1']],
    ]);
  });

  it('sends nothing to a partition without a leader, and asks for leaders', async () => {
    expect(await attempt(3, 1)).to.deep.equal(['not-sent', 'appended']);
    led.set(3, 'b:1');
    await clock.advance(200);
    expect(await attempt(3)).to.deep.equal(['appended']);
    // The older connection knows other leaders.
    expect(opened).to.deep.equal(['b:1', 'b:1']);
    expect(producers.made[0]?.discarded).to.equal(true);
  });

  it('gives each partition the result that the broker returned for it', async () => {
    led = new Map([0, 1, 2, 3].map((partition) => [partition, 'a:1']));
    await clock.advance(5_000);
    const error = await produceError({ 0: 0, 1: 6, 2: 7, 3: 10 });
    producers.plans.push({ sent: true, error });
    expect(await attempt(0, 1, 2, 3)).to.deep.equal(['appended', 'not-sent', 'unknown', 'too-large']);
    expect(told).to.deep.equal(['writes succeeded']);
    expect(producers.made[0]?.discarded).to.equal(true);
  });

  it('reports unknown for an append without a response, and not-sent for one without a connection', async () => {
    producers.plans.push({ sent: true, error: connectionError }, { sent: false, error: connectionError });
    expect(await attempt(0, 1)).to.deep.equal(['unknown', 'not-sent']);
    expect(told).to.deep.equal(['writes failed: ECONNREFUSED', 'writes failed: ECONNREFUSED']);
  });

  it('sends nothing more to a broker that has not answered yet', async () => {
    producers.plans.push({ sent: true, hangs: true });
    const pending = attempt(0);
    expect(await attempt(2)).to.deep.equal(['not-sent']);
    led.set(0, 'b:1');
    await clock.advance(1_000);
    expect(await pending).to.deep.equal(['unknown']);
    expect(producers.made[0]?.discarded).to.equal(true);
    expect(await attempt(2)).to.deep.equal(['appended']);
  });

  it('writes to a separate partition wherever its leader is', async () => {
    const partition = log.partition(0);
    const signal = new AbortController().signal;
    expect(await partition.append([aRecord('b', '1')], signal)).to.deep.equal(['appended']);
    led.set(0, 'b:1');
    await clock.advance(5_000);
    await partition.append([aRecord('b', '2')], signal);
    led.delete(0);
    await clock.advance(5_000);
    const waiting = partition.append([aRecord('b', '3')], signal);
    await clock.advance(3_000);
    led.set(0, 'a:1');
    await clock.advance(1_500);
    expect(await waiting).to.deep.equal(['appended']);
    expect(opened).to.deep.equal(['a:1', 'b:1', 'a:1']);
    expect(producers.written).to.deep.equal(['1', '2', '3']);
    await partition.close();
  });

  it('aborts an append to a broker that no longer leads the partition', async () => {
    producers.plans.push({ sent: true, hangs: true });
    const appending = log.partition(0).append([aRecord('b', '1')], new AbortController().signal);
    await clock.advance(100);
    led.set(0, 'b:1');
    await clock.advance(1_000);
    expect(await appending).to.deep.equal(['appended']);
    expect(opened).to.deep.equal(['a:1', 'b:1']);
  });

  it('assigns keys to partitions as every Kafka client does, and records without a key always to the same one', () => {
    const keyed = aRecord('some key', 'x');
    expect(log.partitionOf(keyed)).to.equal((murmur2(Buffer.from('some key')) & 0x7fffffff) % 4);
    const keyless = aRecord(null, 'x');
    expect(log.partitionOf(keyless)).to.equal(log.partitionOf(keyless));
    expect(log.partitionOf({ key: null, value: null, headers: {} })).to.equal(0);
  });

  it('is ready when a broker has named the partitions, and rejects if that is forbidden', async () => {
    const leaders = new PartitionLeaders(
      () => ({ ask: () => Promise.reject(refusal ?? connectionError), close: async () => undefined }),
      ['a:1'],
      clock,
    );
    const health = { succeeded: () => undefined, failed: () => undefined };
    const other = new KafkaPartitionedLog({ leaders, newProducer: producers.make, health, clock });
    let settled = '';
    void other.ready().then(
      () => (settled = 'ready'),
      (error: unknown) => (settled = (error as { readonly outcome: string }).outcome),
    );
    await clock.advance(3_000);
    expect(settled).to.equal('');
    refusal = brokerError('TOPIC_AUTHORIZATION_FAILED', false);
    await clock.advance(1_000);
    expect(settled).to.equal('not-sent');
    await other.close();
  });
});
