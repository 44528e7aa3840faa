import { expect } from 'chai';
import { RecordTooLarge, SendFailed } from '../../../../../src/application/errors.js';
import type { NewRecord } from '../../../../../src/application/ports/record-log.js';
import {
  SendQueue,
  type SendQueueSettings,
} from '../../../../../src/application/sending/queue/send-queue.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { DeferredLog } from '../../../../support/recorders.js';

const aRecord = (value = 'v'): NewRecord => ({ key: null, value: Buffer.from(value), headers: {} });
const values = (records: readonly NewRecord[]): string[] => records.map((record) => String(record.value));
const turn = (): Promise<void> => new Promise(setImmediate);

/** The result of a send, as text. */
async function outcome(send: Promise<void>): Promise<string> {
  try {
    await send;
    return 'sent';
  } catch (error) {
    if (error instanceof SendFailed) return error.outcome;
    return (error as Error).name;
  }
}

describe('The send queue', () => {
  let log: DeferredLog;
  let clock: FakeClock;

  function aQueue(settings: Partial<SendQueueSettings> = {}): SendQueue {
    return new SendQueue(log, clock, { timeoutMs: 5_000, ...settings });
  }

  beforeEach(() => {
    log = new DeferredLog();
    clock = new FakeClock();
  });

  it('sends at once while nothing is in flight', async () => {
    const sent = aQueue().send(aRecord());
    expect(log.appends).to.have.lengthOf(1);
    log.last.succeed();
    expect(await outcome(sent)).to.equal('sent');
  });

  it('collects sends that arrive during an append, in order', async () => {
    const queue = aQueue();
    const sends = ['a', 'b', 'c'].map((value) => queue.send(aRecord(value)));
    expect(log.appends).to.have.lengthOf(1);
    expect(queue.length).to.equal(2);
    log.last.succeed();
    await turn();
    expect(log.appends.map((append) => values(append.records))).to.deep.equal([['a'], ['b', 'c']]);
    log.last.succeed();
    await Promise.all(sends);
    expect(queue.length).to.equal(0);
  });

  it('closes a batch at 500 records', async () => {
    const queue = aQueue();
    for (let n = 0; n < 1_202; n += 1) void queue.send(aRecord());
    while (log.last.records.length !== 201) {
      log.last.succeed();
      await turn();
    }
    expect(log.appends.map((append) => append.records.length)).to.deep.equal([1, 500, 500, 201]);
  });

  it('closes a batch at 512 KiB, and sends a larger record alone', async () => {
    const queue = aQueue();
    const sizes = [1, 300_000, 300_000, 100_000, 900_000, 1];
    for (const size of sizes) void queue.send(aRecord('x'.repeat(size)));
    for (let n = 0; n < 4; n += 1) {
      log.last.succeed();
      await turn();
    }
    const lengths = log.appends.map((append) => append.records.map((record) => record.value?.length));
    expect(lengths).to.deep.equal([[1], [300_000], [300_000, 100_000], [900_000], [1]]);
  });

  it('reports each record that is too large', async () => {
    const queue = aQueue();
    const sends = ['a', 'b', 'c'].map((value) => outcome(queue.send(aRecord(value))));
    log.last.succeed();
    await turn();
    log.last.succeed(['too-large', 'appended']);
    expect(await Promise.all(sends)).to.deep.equal(['sent', new RecordTooLarge().name, 'sent']);
  });

  it("passes on the log's outcome for a failed batch, and continues with the next", async () => {
    const queue = aQueue();
    const first = outcome(queue.send(aRecord()));
    const second = outcome(queue.send(aRecord()));
    log.last.fail(new SendFailed('not-sent', new Error('no leader')));
    expect(await first).to.equal('not-sent');
    log.last.fail(new Error('a defect'));
    expect(await second).to.equal('unknown');
  });

  it('gives up at the deadline: not-sent for waiting sends, unknown for those in flight', async () => {
    const queue = aQueue();
    const onItsWay = outcome(queue.send(aRecord('a')));
    const waiting = outcome(queue.send(aRecord('b')));
    await clock.advance(4_999);
    expect(queue.length).to.equal(1);
    await clock.advance(1);
    expect(await Promise.all([onItsWay, waiting])).to.deep.equal(['unknown', 'not-sent']);
    expect(queue.length).to.equal(0);
  });

  it('never sends a record that it gave up', async () => {
    const queue = aQueue();
    const early = [outcome(queue.send(aRecord('a'))), outcome(queue.send(aRecord('b')))];
    await clock.advance(3_000);
    const late = outcome(queue.send(aRecord('c')));
    await clock.advance(2_000);
    expect(await Promise.all(early)).to.deep.equal(['unknown', 'not-sent']);
    log.last.succeed();
    await turn();
    expect(values(log.last.records)).to.deep.equal(['c']);
    log.last.succeed();
    expect(await late).to.equal('sent');
  });

  it('aborts an append when the last of its senders has given up, and not before', async () => {
    const queue = aQueue();
    void queue.send(aRecord('a'));
    const early = outcome(queue.send(aRecord('b')));
    await clock.advance(1_000);
    const late = outcome(queue.send(aRecord('c')));
    log.last.succeed();
    await turn();
    await clock.advance(4_000);
    expect(await early).to.equal('unknown');
    expect(log.last.signal.aborted).to.equal(false);
    await clock.advance(1_000);
    expect(await late).to.equal('unknown');
    expect(log.last.signal.aborted).to.equal(true);
  });

  it('limits the number of records', async () => {
    const queue = aQueue({ maxRecords: 2 });
    const sends = ['on its way', 'a', 'b', 'c'].map((value) => outcome(queue.send(aRecord(value))));
    expect(await sends[3]).to.equal('not-sent');
    expect(queue.rejection).to.include({ outcome: 'not-sent' });
    log.last.succeed();
    await turn();
    expect(queue.rejection).to.equal(undefined);
    void queue.send(aRecord('d'));
    log.last.succeed();
    await turn();
    expect(values(log.last.records)).to.deep.equal(['d']);
  });

  it('limits the number of bytes, including keys and headers', async () => {
    const queue = aQueue({ maxBytes: 100 });
    const large = { key: Buffer.alloc(20), value: Buffer.alloc(20), headers: { name: 'x'.repeat(16) } };
    void queue.send(large);
    const [fits, tooMuch] = [outcome(queue.send(large)), outcome(queue.send(large))];
    expect(await tooMuch).to.equal('not-sent');
    log.last.succeed();
    await turn();
    void queue.send(large);
    log.last.succeed();
    expect(await fits).to.equal('sent');
  });

  it('keeps one timer for any number of sends, and none when idle', async () => {
    const queue = aQueue();
    const sends = ['a', 'b', 'c'].map((value) => queue.send(aRecord(value)));
    expect(clock.pendingTimers).to.equal(1);
    log.last.succeed();
    await turn();
    log.last.succeed();
    await Promise.all(sends);
    await turn();
    expect(clock.pendingTimers).to.equal(0);
  });

  describe('when closed', () => {
    it('accepts no more sends, and resolves when all are answered', async () => {
      const queue = aQueue();
      const sends = ['a', 'b'].map((value) => outcome(queue.send(aRecord(value))));
      const closed = queue.close(1_000);
      expect(await outcome(queue.send(aRecord('late')))).to.equal('not-sent');
      log.last.succeed();
      await turn();
      log.last.succeed();
      await Promise.all([closed, queue.close(1_000)]);
      expect(await Promise.all(sends)).to.deep.equal(['sent', 'sent']);
      expect(clock.pendingTimers).to.equal(0);
    });

    it('answers the rest at its deadline, and aborts the append', async () => {
      const queue = aQueue();
      const sends = ['a', 'b'].map((value) => outcome(queue.send(aRecord(value))));
      const closed = queue.close(1_000);
      await clock.advance(1_000);
      await closed;
      expect(await Promise.all(sends)).to.deep.equal(['unknown', 'not-sent']);
      expect(log.last.signal.aborted).to.equal(true);
    });

    it('closes at once if nothing is in flight', async () => {
      await aQueue().close(1_000);
      expect(clock.pendingTimers).to.equal(0);
    });
  });
});
