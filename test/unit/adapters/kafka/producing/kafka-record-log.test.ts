import { expect } from 'chai';
import { KafkaRecordLog } from '../../../../../src/adapters/kafka/producing/kafka-record-log.js';
import { SendFailed } from '../../../../../src/application/errors.js';
import { aRecord } from '../../../../contract/log/log-under-test.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { brokerError, connectionError, FakeProducers } from './fake-producer.js';

describe('KafkaRecordLog', () => {
  let clock: FakeClock;
  let producers: FakeProducers;
  let told: string[];
  let log: KafkaRecordLog;
  let abort: AbortController;

  beforeEach(() => {
    clock = new FakeClock();
    producers = new FakeProducers();
    told = [];
    abort = new AbortController();
    const health = {
      succeeded: (part: string) => told.push(`${part} succeeded`),
      failed: (part: string, kind: string) => told.push(`${part} failed: ${kind}`),
    };
    log = new KafkaRecordLog({ newProducer: producers.make, health, clock });
  });

  const append = (...texts: string[]) =>
    log.append(
      texts.map((text) => aRecord('b', text)),
      abort.signal,
    );

  const failureOf = async (appending: Promise<unknown>): Promise<SendFailed> => {
    const error: unknown = await appending.then(
      () => 'no failure',
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(SendFailed);
    return error as SendFailed;
  };

  it('sends every batch on the same producer while sends succeed', async () => {
    expect(await append('1', '2')).to.deep.equal(['appended', 'appended']);
    await append('3');
    expect(producers.made).to.have.length(1);
    expect(producers.made[0]?.sends).to.deep.equal([['1', '2'], ['3']]);
  });

  it('repeats the batch on a new producer after an error, and discards the old producer', async () => {
    producers.plans.push({ sent: true, error: brokerError('REQUEST_TIMED_OUT', true) });
    const appending = append('1', '2');
    await clock.advance(1_000);
    expect(await appending).to.deep.equal(['appended', 'appended']);
    expect(producers.made.map(({ sends }) => sends)).to.deep.equal([[['1', '2']], [['1', '2']]]);
    expect(producers.made.map(({ discarded }) => discarded)).to.deep.equal([true, false]);
    expect(told).to.deep.equal(['writes failed: REQUEST_TIMED_OUT', 'writes succeeded']);
  });

  it('doubles the delay between attempts, up to a second', async () => {
    for (let n = 0; n < 40; n += 1) producers.plans.push({ sent: false, error: connectionError });
    const appending = append('1');
    await clock.advance(1_550);
    expect(producers.made).to.have.length(6);
    await clock.advance(10_000);
    expect(producers.made).to.have.length(16);
    producers.plans.length = 0;
    await clock.advance(1_000);
    await appending;
  });

  it('gives up when aborted, with not-sent while no connection was made', async () => {
    for (let n = 0; n < 40; n += 1) producers.plans.push({ sent: false, error: connectionError });
    const failing = failureOf(append('1'));
    await clock.advance(500);
    abort.abort(new Error('late'));
    expect((await failing).outcome).to.equal('not-sent');
    expect(clock.pendingTimers).to.equal(0);
  });

  it('reports unknown for a batch that was written once, whatever happens afterwards', async () => {
    producers.plans.push({ sent: true, error: brokerError('REQUEST_TIMED_OUT', true) });
    for (let n = 0; n < 40; n += 1) producers.plans.push({ sent: false, error: connectionError });
    const failing = failureOf(append('1'));
    await clock.advance(500);
    abort.abort(new Error('late'));
    expect((await failing).outcome).to.equal('unknown');
  });

  for (const { sent, outcome } of [
    { sent: true, outcome: 'unknown' },
    { sent: false, outcome: 'not-sent' },
  ]) {
    it(`gives up at once during an attempt, with ${outcome} if the records ${sent ? 'were' : 'were not'} written`, async () => {
      producers.plans.push({ sent, hangs: true });
      const failing = failureOf(append('1'));
      await clock.advance(1);
      abort.abort(new Error('late'));
      expect((await failing).outcome).to.equal(outcome);
      expect(producers.made[0]?.discarded).to.equal(true);
    });
  }

  it('gives up at once on a permanent error', async () => {
    producers.plans.push({ sent: true, error: brokerError('INVALID_RECORD', false) });
    expect((await failureOf(append('1'))).outcome).to.equal('unknown');
    expect(producers.made).to.have.length(1);
    expect(told).to.deep.equal(['writes failed: INVALID_RECORD']);
  });

  it('reports not-sent if it is not authorized to write, and after a failed authentication', async () => {
    producers.plans.push({ sent: true, error: brokerError('TOPIC_AUTHORIZATION_FAILED', false) });
    expect((await failureOf(append('1'))).outcome).to.equal('not-sent');
    const refused = Object.assign(new Error('no'), {
      name: 'KafkaJSSASLAuthenticationError',
      retriable: false,
    });
    producers.plans.push({ sent: false, error: refused });
    expect((await failureOf(append('1'))).outcome).to.equal('not-sent');
  });

  it('finds the broker’s error inside a kafkajs error', async () => {
    const answer = brokerError('POLICY_VIOLATION', false);
    const wrapped = Object.assign(new Error('retries', { cause: answer }), { retriable: true });
    producers.plans.push({ sent: true, error: wrapped });
    await failureOf(append('1'));
    expect(producers.made).to.have.length(1);
  });

  it('halves a batch that is too large, and rejects a record that is too large alone', async () => {
    producers.maxBatch = 2;
    const results = await append('1', '2', 'large 3', '4', '5');
    expect(results).to.deep.equal(['appended', 'appended', 'too-large', 'appended', 'appended']);
    expect(producers.written).to.deep.equal(['1', '2', '4', '5']);
    expect(producers.made).to.have.length(1);
    expect(told).not.to.include('writes failed: MESSAGE_TOO_LARGE');
  });

  it('reports unknown for a batch of which one half was written', async () => {
    producers.maxBatch = 1;
    producers.plans.push({ sent: true }, { sent: true });
    for (let n = 0; n < 40; n += 1) producers.plans.push({ sent: false, error: connectionError });
    const failing = failureOf(append('1', '2'));
    await clock.advance(500);
    abort.abort(new Error('late'));
    expect(producers.written).to.deep.equal(['1']);
    expect((await failing).outcome).to.equal('unknown');
  });

  it('does not send a record that would make the broker close the connection', async () => {
    const huge = { key: null, value: Buffer.alloc(91 * 1024 * 1024), headers: {} };
    expect(await log.append([huge, aRecord('b', '2')], abort.signal)).to.deep.equal([
      'too-large',
      'appended',
    ]);
    expect(producers.made[0]?.sends).to.deep.equal([['2']]);
  });

  it('reports unknown for a batch that it halved without asking, once one half was written', async () => {
    const half = { key: null, value: Buffer.alloc(60 * 1024 * 1024), headers: {} };
    producers.plans.push({ sent: true }, { sent: false, error: brokerError('INVALID_RECORD', false) });
    const failing = failureOf(log.append([half, half], abort.signal));
    expect((await failing).outcome).to.equal('unknown');
  });

  it('aborts appends in flight when it is closed, and accepts no new ones', async () => {
    producers.plans.push({ sent: true, hangs: true });
    const failing = failureOf(append('1'));
    await clock.advance(1);
    await log.close();
    expect((await failing).outcome).to.equal('unknown');
    expect((await failureOf(append('2'))).outcome).to.equal('not-sent');
    await log.close();
    expect(producers.made.every(({ discarded }) => discarded)).to.equal(true);
  });
});
