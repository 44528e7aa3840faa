import { expect } from 'chai';
import {
  OffsetCommits,
  type PartitionCommit,
} from '../../../../../src/adapters/kafka/consuming/offset-commits.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

describe('OffsetCommits', () => {
  let clock: FakeClock;
  let logger: RecordingLogger;
  let sent: string[];
  let answers: { resolve: () => void; reject: (error: Error) => void }[];
  let committed: string[];
  let commits: OffsetCommits;

  beforeEach(() => {
    clock = new FakeClock();
    logger = new RecordingLogger();
    sent = [];
    answers = [];
    committed = [];
    const text = (batch: readonly PartitionCommit[]) =>
      batch.map(({ partition, position }) => `${String(partition)}@${String(position.next)}`).join(' ');
    const send = (batch: readonly PartitionCommit[]) => {
      sent.push(text(batch));
      return new Promise<void>((resolve, reject) => answers.push({ resolve, reject }));
    };
    commits = new OffsetCommits(send, (batch) => committed.push(text(batch)), clock, logger);
  });

  const add = (partition: number, offset: number) =>
    commits.add({ partition, position: { next: offset, lost: 0 } });
  const answer = async (error?: Error) => {
    const next = answers.shift()!;
    if (error) next.reject(error);
    else next.resolve();
    await clock.advance(0);
  };

  it('commits the latest offsets of all partitions in one request a second', async () => {
    add(0, 1);
    await clock.advance(999);
    add(1, 5);
    add(0, 2);
    expect(sent).to.deep.equal([]);
    await clock.advance(1);
    expect(sent).to.deep.equal(['0@2 1@5']);
    await answer();
    add(2, 9);
    await clock.advance(999);
    expect(sent).to.have.length(1);
    await clock.advance(1);
    expect(sent).to.deep.equal(['0@2 1@5', '2@9']);
  });

  it('commits nothing while no offset changes', async () => {
    add(0, 1);
    await clock.advance(1_000);
    await answer();
    await clock.advance(10_000);
    expect(sent).to.have.length(1);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('sends one request at a time', async () => {
    add(0, 1);
    await clock.advance(1_000);
    add(0, 2);
    await clock.advance(5_000);
    expect(sent).to.deep.equal(['0@1']);
    await answer();
    expect(sent).to.deep.equal(['0@1', '0@2']);
  });

  it('logs a failed commit, and tries again a second later with newer offsets', async () => {
    add(0, 1);
    add(1, 5);
    await clock.advance(1_000);
    add(0, 4);
    await answer(new Error('no'));
    expect(logger.lines.map(({ level, event }) => [level, event])).to.deep.equal([
      ['warn', 'log.commit-failed'],
    ]);
    await clock.advance(1_000);
    expect(sent).to.deep.equal(['0@1 1@5', '0@4 1@5']);
    await answer();
    await clock.advance(10_000);
    expect(sent).to.have.length(2);
  });

  it('logs at debug level that a commit failed because the connection was lost', async () => {
    for (const lost of [{ code: 'ECONNREFUSED' }, { name: 'KafkaJSConnectionClosedError' }]) {
      logger.lines.length = 0;
      add(0, 1);
      await clock.advance(1_000);
      await answer(Object.assign(new Error('lost'), lost));
      expect(logger.lines.map(({ level }) => level)).to.deep.equal(['debug']);
    }
  });

  it('reports committed offsets after the commit', async () => {
    add(0, 1);
    await clock.advance(1_000);
    expect(committed).to.deep.equal([]);
    await answer();
    expect(committed).to.deep.equal(['0@1']);
    add(0, 2);
    await clock.advance(1_000);
    await answer(new Error('no'));
    expect(committed).to.deep.equal(['0@1']);
  });

  it('flushes at once, after the request in flight', async () => {
    add(0, 1);
    await clock.advance(1_000);
    add(0, 2);
    let isFlushed = false;
    void commits.flush().then(() => (isFlushed = true));
    await answer();
    expect(sent).to.deep.equal(['0@1', '0@2']);
    expect(isFlushed).to.equal(false);
    await answer();
    expect(isFlushed).to.equal(true);
  });

  it('resolves a flush when the commit has failed', async () => {
    add(0, 1);
    const flushed = commits.flush();
    await clock.advance(0);
    await answer(new Error('no'));
    await flushed;
  });

  it('sends synchronously if it must not wait for the request in flight', async () => {
    add(0, 1);
    await clock.advance(1_000);
    add(0, 2);
    const flushed = commits.flushNow();
    expect(sent).to.deep.equal(['0@1', '0@2']);
    await answer();
    await answer();
    await flushed;
  });

  it('sends nothing more once it is cleared', async () => {
    add(0, 1);
    await clock.advance(1_000);
    add(0, 2);
    commits.clear();
    await answer(new Error('no'));
    expect(clock.pendingTimers).to.equal(0);
    await clock.advance(10_000);
    expect(sent).to.deep.equal(['0@1']);
  });
});
