import { expect } from 'chai';
import { SendFailed } from '../../../../../src/application/errors.js';
import { PartitionedSendQueue } from '../../../../../src/application/sending/queue/partitioned-send-queue.js';
import type { NewRecord, RunAnswer } from '../../../../../src/application/ports/record-log.js';
import type { SendQueueSettings } from '../../../../../src/application/sending/queue/send-queue.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { DeferredPartitionedLog } from '../../../../support/sending/partitioned-log.js';

const recordsOf = (...partitions: number[]): NewRecord[] =>
  partitions.map((partition, at) => ({
    ...{ key: Buffer.from(String(partition)), value: Buffer.from(String(at)), headers: {} },
  }));

describe('The send queue of a log with partitions, given many records in one call', () => {
  let log: DeferredPartitionedLog;
  let clock: FakeClock;
  let queue: PartitionedSendQueue;

  const newQueue = (settings: Partial<SendQueueSettings> = {}): PartitionedSendQueue =>
    new PartitionedSendQueue(log, clock, { timeoutMs: 5_000, ...settings });
  const settle = (): Promise<void> => clock.advance(0);
  const run = async (...partitions: number[]): Promise<RunAnswer[]> => {
    const answers: RunAnswer[] = [];
    queue.sendAll(recordsOf(...partitions), (answer) => answers.push(answer));
    await settle();
    return answers;
  };
  const attempted = (): string[] =>
    log.attempts.map(({ partition, values }) => `${String(partition)}: ${values.join(' ')}`);
  const unanswered = (...places: number[]): RunAnswer => ({ places, results: [] });

  beforeEach(() => {
    log = new DeferredPartitionedLog();
    clock = new FakeClock();
    queue = newQueue();
  });

  it('appends the records of each partition together, and answers each partition separately', async () => {
    const answers = await run(1, 2, 1, 2, 1);
    expect(attempted()).to.deep.equal(['1: 0 2 4', '2: 1 3']);
    log.end({ 2: 'appended' });
    await settle();
    const answer = { places: [1, 3], results: ['appended', 'appended'] };
    expect(answers).to.deep.equal([answer]);
    log.end({ 1: 'not-sent' });
    await settle();
    log.logOf(1).last.succeed(['appended', 'too-large', 'appended']);
    await settle();
    expect(answers).to.deep.equal([
      answer,
      { places: [0, 2, 4], results: ['appended', 'too-large', 'appended'] },
    ]);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('sends nothing after a failed append to the same partition', async () => {
    const answers = await run(...Array<number>(501).fill(1), 2);
    log.end({ 1: 'not-sent' });
    await settle();
    log.end({ 2: 'appended' });
    log.logOf(1).last.fail(new SendFailed('not-sent', new Error('forbidden')));
    await settle();
    expect(log.attempts.map(({ partition, values }) => [partition, values.length])).to.deep.equal([
      [1, 500],
      [2, 1],
    ]);
    expect(log.logOf(1).appends).to.have.length(1);
    expect(answers).to.deep.include.members([
      { places: [501], results: ['appended'] },
      unanswered(...Array(501).keys()),
    ]);
  });

  it('adds the records of a partition with a separate queue to that queue, if there is space', async () => {
    queue = newQueue({ maxRecords: 12 });
    const first = await run(1);
    log.end({ 1: 'not-sent' });
    const answers = [...(await run(1, 2)), ...(await run(1, 1, 1))];
    expect(attempted()).to.deep.equal(['1: 0', '2: 1']);
    expect(answers).to.deep.equal([unanswered(0, 1, 2)]);
    log.logOf(1).last.succeed();
    await settle();
    expect(log.logOf(1).last.records).to.have.length(1);
    expect(first).to.have.length(1);
  });

  it('returns each call the results of its own records', async () => {
    await run(1);
    const first = await run(1, 1);
    const second = await run(1);
    log.end({ 1: 'appended' });
    await settle();
    expect(attempted()).to.deep.equal(['1: 0', '1: 0 1 0']);
    log.end({ 1: 'appended' });
    await settle();
    expect(first).to.deep.equal([{ places: [0, 1], results: ['appended', 'appended'] }]);
    expect(second).to.deep.equal([{ places: [0], results: ['appended'] }]);
  });

  it('answers records of a partition without a leader at the deadline, without results', async () => {
    const answers = await run(1, 2);
    log.end({ 1: 'not-sent', 2: 'appended' });
    await clock.advance(4_999);
    expect(answers).to.deep.equal([{ places: [1], results: ['appended'] }]);
    await clock.advance(1);
    expect(answers.slice(1)).to.deep.equal([unanswered(0)]);
  });

  it('answers without results if the log does not return its partitions, or the queue is closed', async () => {
    log.readiness = Promise.reject(new SendFailed('not-sent', new Error('forbidden')));
    expect(await run(1, 2)).to.deep.equal([unanswered(0, 1)]);
    log.readiness = undefined;
    await queue.close(1_000);
    expect(await run(1, 2)).to.deep.equal([unanswered(0), unanswered(1)]);
    expect(attempted()).to.deep.equal([]);
  });
});
