import { expect } from 'chai';
import { SendFailed } from '../../../../../src/application/errors.js';
import type { AppendResult, NewRecord } from '../../../../../src/application/ports/record-log.js';
import {
  SendQueue,
  type SendQueueSettings,
} from '../../../../../src/application/sending/queue/send-queue.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { DeferredLog } from '../../../../support/recorders.js';

const aRecord = (value = 'v'): NewRecord => ({ key: null, value: Buffer.from(value), headers: {} });
const someRecords = (count: number): NewRecord[] => Array.from({ length: count }, () => aRecord());
const turn = (): Promise<void> => new Promise(setImmediate);

describe('The send queue, given many records in one call', () => {
  let log: DeferredLog;
  let clock: FakeClock;

  function aQueue(settings: Partial<SendQueueSettings> = {}): SendQueue {
    return new SendQueue(log, clock, { timeoutMs: 5_000, ...settings });
  }

  const run = (queue: SendQueue, records: readonly NewRecord[]): Promise<readonly AppendResult[]> =>
    new Promise((resolve) => {
      queue.sendAll(records, ({ places, results }) => {
        expect(places).to.deep.equal([...records.keys()]);
        resolve(results);
      });
    });
  const lengths = (): number[] => log.appends.map(({ records }) => records.length);

  beforeEach(() => {
    log = new DeferredLog();
    clock = new FakeClock();
  });

  it('appends them together, in order, and resolves with a result for each', async () => {
    const sent = run(aQueue(), ['a', 'b', 'c'].map(aRecord));
    expect(log.last.records.map(({ value }) => String(value))).to.deep.equal(['a', 'b', 'c']);
    log.last.succeed(['appended', 'too-large', 'appended']);
    expect(await sent).to.deep.equal(['appended', 'too-large', 'appended']);
  });

  it('does not split them between two appends when others wait', async () => {
    const queue = aQueue();
    void queue.send(aRecord());
    const before = Array.from({ length: 10 }, () => queue.send(aRecord()));
    const sent = run(queue, someRecords(495));
    const behind = queue.send(aRecord());
    for (let n = 0; n < 3; n += 1) {
      log.last.succeed();
      await turn();
    }
    expect(lengths()).to.deep.equal([1, 10, 496]);
    expect(await sent).to.have.lengthOf(495);
    await Promise.all([...before, behind]);
  });

  it('returns each call the results of its own records', async () => {
    const queue = aQueue();
    void queue.send(aRecord());
    const calls = [run(queue, someRecords(2)), run(queue, someRecords(3))];
    log.last.succeed();
    await turn();
    log.last.succeed(['appended', 'too-large', 'too-large', 'appended', 'appended']);
    expect(await Promise.all(calls)).to.deep.equal([
      ['appended', 'too-large'],
      ['too-large', 'appended', 'appended'],
    ]);
  });

  it('splits more than 500 records or 512 KiB into consecutive appends', async () => {
    const queue = aQueue();
    const sent = run(queue, [...someRecords(501), ...[300_000, 300_000].map((n) => aRecord('x'.repeat(n)))]);
    for (let n = 0; n < 3; n += 1) {
      expect(log.appends).to.have.lengthOf(n + 1);
      log.last.succeed();
      await turn();
    }
    expect(lengths()).to.deep.equal([500, 2, 1]);
    expect(await sent).to.have.lengthOf(503);
  });

  it('sends nothing after a failed append, and resolves with the results before it', async () => {
    const sent = run(aQueue(), someRecords(1_200));
    log.last.succeed();
    await turn();
    log.last.fail(new SendFailed('unknown', new Error('no leader')));
    await turn();
    expect(lengths()).to.deep.equal([500, 500]);
    expect(await sent).to.deep.equal(new Array<AppendResult>(500).fill('appended'));
  });

  it('gives them up together at the deadline', async () => {
    const queue = aQueue();
    void queue.send(aRecord()).catch(() => undefined);
    await clock.advance(1);
    const sent = run(queue, someRecords(3));
    expect(queue.length).to.equal(3);
    await clock.advance(5_000);
    expect(queue.length).to.equal(0);
    expect(await sent).to.deep.equal([]);
  });

  it('counts each record against the available space', async () => {
    const queue = aQueue({ maxRecords: 3 });
    void queue.send(aRecord());
    const fitting = run(queue, someRecords(2));
    expect(await run(queue, someRecords(2))).to.deep.equal([]);
    expect(queue.rejection).to.equal(undefined);
    void queue.send(aRecord());
    expect(queue.rejection).to.include({ outcome: 'not-sent' });
    log.last.succeed();
    await turn();
    expect(queue.length).to.equal(0);
    log.last.succeed();
    expect(await fitting).to.have.lengthOf(2);
  });
});
