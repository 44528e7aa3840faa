import { expect } from 'chai';
import { RecordTooLarge, SendFailed } from '../../../../../src/application/errors.js';
import type { NewRecord } from '../../../../../src/application/ports/record-log.js';
import { PartitionedSendQueue } from '../../../../../src/application/sending/queue/partitioned-send-queue.js';
import type { SendQueueSettings } from '../../../../../src/application/sending/queue/send-queue.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { DeferredPartitionedLog } from '../../../../support/sending/partitioned-log.js';

const aRecord = (partition: number, value = 'v'): NewRecord => ({
  ...{ key: Buffer.from(String(partition)), value: Buffer.from(value), headers: {} },
});
const values = (records: readonly NewRecord[] = []): string[] => records.map(({ value }) => String(value));

async function outcome(send: Promise<void>): Promise<string> {
  try {
    await send;
    return 'sent';
  } catch (error) {
    return error instanceof SendFailed ? error.outcome : (error as Error).name;
  }
}

describe('The send queue of a log with partitions', () => {
  let log: DeferredPartitionedLog;
  let clock: FakeClock;
  let queue: PartitionedSendQueue;

  const newQueue = (settings: Partial<SendQueueSettings> = {}): PartitionedSendQueue =>
    new PartitionedSendQueue(log, clock, { timeoutMs: 5_000, ...settings });
  const send = (partition: number, value?: string): Promise<string> =>
    outcome(queue.send(aRecord(partition, value)));
  const settle = (): Promise<void> => clock.advance(0);
  const attempted = (): string[] =>
    log.attempts.map(({ partition, values }) => `${String(partition)}: ${values.join(' ')}`);

  beforeEach(() => {
    log = new DeferredPartitionedLog();
    clock = new FakeClock();
    queue = newQueue();
  });

  it('shares a batch among all partitions, and collects sends that arrive meanwhile', async () => {
    const first = send(1, 'a');
    await settle();
    const later = [send(1, 'b'), send(2, 'c'), send(1, 'd')];
    expect(queue.length).to.equal(3);
    log.end({ 1: 'appended' });
    expect(await first).to.equal('sent');
    await settle();
    expect(attempted()).to.deep.equal(['1: a', '1: b d', '2: c']);
    log.end({ 1: 'appended', 2: 'appended' });
    expect(await Promise.all(later)).to.deep.equal(['sent', 'sent', 'sent']);
    await settle();
    expect(log.opened).to.deep.equal([]);
    expect(clock.pendingTimers).to.equal(0);
  });

  for (const result of ['not-sent', 'unknown'] as const) {
    it(`writes the records of a partition again, on its own log, after an attempt that ended ${result}`, async () => {
      const sends = [send(1, 'a'), send(2, 'b'), send(1, 'c')];
      await settle();
      const late = send(1, 'late');
      log.end({ 1: result, 2: 'appended' });
      await settle();
      expect(values(log.logOf(1).last.records)).to.deep.equal(['a', 'c']);
      log.logOf(1).last.succeed();
      await settle();
      expect(values(log.logOf(1).last.records)).to.deep.equal(['late']);
      log.logOf(1).last.succeed();
      expect(await Promise.all([...sends, late])).to.deep.equal(Array(4).fill('sent'));
    });
  }

  it('continues with the other partitions after 300 ms, and never aborts the late attempt', async () => {
    const late = send(1, 'a');
    await settle();
    const sends = [send(2, 'b'), send(1, 'c')];
    await clock.advance(299);
    expect(attempted()).to.deep.equal(['1: a']);
    await clock.advance(1);
    expect(attempted()).to.deep.equal(['1: a', '2: b']);
    await clock.advance(2_000);
    expect(log.logOf(1).appends).to.deep.equal([]);
    log.end({ 1: 'appended', 2: 'appended' });
    expect(await late).to.equal('sent');
    await settle();
    expect(values(log.logOf(1).last.records)).to.deep.equal(['c']);
    log.logOf(1).last.succeed();
    expect(await Promise.all(sends)).to.deep.equal(['sent', 'sent']);
  });

  it('shares again once the partition’s own queue is empty, and closes its log', async () => {
    const sent = send(1, 'a');
    await settle();
    log.end({ 1: 'not-sent' });
    await settle();
    log.logOf(1).last.succeed();
    expect(await sent).to.equal('sent');
    await settle();
    expect(log.opened.map(({ closed }) => closed)).to.deep.equal([true]);
    void send(1, 'b');
    await settle();
    expect(attempted()).to.deep.equal(['1: a', '1: b']);
  });

  it('answers a record that is too large, and lets the partition’s log find out which of many is', async () => {
    const large = send(1, 'large');
    await settle();
    const sends = [send(1, 'a'), send(1, 'large')];
    log.end({ 1: 'too-large' });
    expect(await large).to.equal(new RecordTooLarge('').name);
    await settle();
    expect(log.opened).to.deep.equal([]);
    log.end({ 1: 'too-large' });
    await settle();
    log.logOf(1).last.succeed(['appended', 'too-large']);
    expect(await Promise.all(sends)).to.deep.equal(['sent', new RecordTooLarge('').name]);
  });

  for (const { first, outcome } of [
    { first: 'not-sent', outcome: 'not-sent' },
    { first: 'unknown', outcome: 'unknown' },
  ] as const) {
    it(`answers ${outcome} if the partition’s log sends nothing after an attempt that ended ${first}`, async () => {
      const sent = send(1);
      await settle();
      log.end({ 1: first });
      await settle();
      log.logOf(1).last.fail(new SendFailed('not-sent', new Error('forbidden')));
      expect(await sent).to.equal(outcome);
    });
  }

  it('gives up at the deadline: unknown for sends in flight, not-sent for waiting ones, in either queue', async () => {
    const onItsWay = [send(1, 'a'), send(2, 'b')];
    await settle();
    const waiting = send(1, 'c');
    log.end({ 2: 'appended' });
    await clock.advance(4_999);
    expect(queue.length).to.equal(1);
    await clock.advance(1);
    expect(await Promise.all([...onItsWay, waiting])).to.deep.equal(['unknown', 'sent', 'not-sent']);
    log.end({ 1: 'appended' });
    await clock.advance(5_000);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('sends nothing while the partitions are unknown, and nothing that has expired', async () => {
    let end: () => void = () => undefined;
    log.readiness = new Promise((resolve) => (end = resolve));
    const early = send(1, 'a');
    await clock.advance(3_000);
    const late = send(1, 'b');
    await clock.advance(2_000);
    expect(await early).to.equal('not-sent');
    end();
    await settle();
    expect(attempted()).to.deep.equal(['1: b']);
    log.end({ 1: 'appended' });
    expect(await late).to.equal('sent');
  });

  it('rejects waiting sends if the log does not return its partitions', async () => {
    log.readiness = Promise.reject(new SendFailed('not-sent', new Error('forbidden')));
    expect(await Promise.all([send(1), send(2)])).to.deep.equal(['not-sent', 'not-sent']);
    expect(attempted()).to.deep.equal([]);
  });

  describe('limits its space', () => {
    const separate = async (...partitions: number[]): Promise<void> => {
      for (const partition of partitions) void send(partition);
      await clock.advance(0);
      while (log.attempts.length < partitions.length) {
        for (const partition of partitions) log.end({ [partition]: 'not-sent' });
        await settle();
      }
      for (const partition of partitions) log.end({ [partition]: 'not-sent' });
      await settle();
    };

    it('to a quarter for one separate partition, and keeps accepting sends to others', async () => {
      queue = newQueue({ maxRecords: 8 });
      await separate(1);
      const sends = [send(1), send(1), send(1)];
      expect(await sends[2]).to.equal('not-sent');
      expect(queue.rejection).to.equal(undefined);
      for (let n = 0; n < 8; n += 1) void send(2);
      expect(queue.length).to.equal(10);
      const tooMany = send(2);
      expect(queue.rejection).to.include({ outcome: 'not-sent' });
      expect(await tooMany).to.equal('not-sent');
    });

    it('to a half for all separate partitions together', async () => {
      queue = newQueue({ maxRecords: 8 });
      await separate(1, 2, 3);
      for (const partition of [1, 1, 2, 2]) void send(partition);
      expect(await send(3)).to.equal('not-sent');
      void send(4);
      expect(queue.length).to.equal(5);
    });

    it('in bytes too', async () => {
      queue = newQueue({ maxBytes: 80 });
      await separate(1);
      void send(1, 'x'.repeat(15));
      expect(await send(1, 'x'.repeat(15))).to.equal('not-sent');
    });
  });

  describe('when closed', () => {
    it('accepts no more sends, and resolves when every queue is empty', async () => {
      const sends = [send(1, 'a'), send(2, 'b')];
      await settle();
      const closed = queue.close(1_000);
      expect(await send(3)).to.equal('not-sent');
      log.end({ 1: 'not-sent' });
      await settle();
      expect(await send(1)).to.equal('not-sent');
      log.logOf(1).last.succeed();
      log.end({ 2: 'appended' });
      await settle();
      log.end({ 2: 'appended' });
      await Promise.all([closed, queue.close(1_000)]);
      expect(await Promise.all(sends)).to.deep.equal(['sent', 'sent']);
      expect(clock.pendingTimers).to.equal(0);
    });

    it('answers the rest at its deadline', async () => {
      const sends = [send(1, 'a')];
      await settle();
      sends.push(send(1, 'b'), send(2, 'c'));
      log.end({ 1: 'not-sent' });
      await settle();
      const closed = queue.close(1_000);
      await clock.advance(1_000);
      await closed;
      expect(await Promise.all(sends)).to.deep.equal(['unknown', 'not-sent', 'unknown']);
    });

    it('closes at once if nothing is in flight', async () => {
      await queue.close(1_000);
      expect(clock.pendingTimers).to.equal(0);
    });
  });
});
