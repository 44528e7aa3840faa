import { expect } from 'chai';
import { OffsetCommits, type PartitionCommit } from '../../../src/adapters/kafka/offset-commits.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLogger } from '../../support/recording-logger.js';

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

  const commit = (partition: number, offset: number) =>
    commits.commit({ partition, position: { next: offset, lost: 0 } });
  const answer = async (error?: Error) => {
    const next = answers.shift()!;
    if (error) next.reject(error);
    else next.resolve();
    await clock.advance(0);
  };

  it('sends what partitions ask for at once as one, and meanwhile gathers the next', async () => {
    const first = [commit(0, 1), commit(1, 5)];
    await clock.advance(0);
    const second = [commit(0, 2), commit(0, 3), commit(2, 9)];
    await clock.advance(0);
    expect(sent).to.deep.equal(['0@1 1@5']);
    await answer();
    await Promise.all(first);
    expect(sent).to.deep.equal(['0@1 1@5', '0@3 2@9']);
    await answer();
    await Promise.all(second);
    expect(sent).to.have.length(2);
  });

  it('resolves, logs and tries again later when a commit fails', async () => {
    const failing = commit(0, 1);
    await clock.advance(0);
    await answer(new Error('REBALANCE_IN_PROGRESS'));
    await failing;
    expect(logger.events()).to.deep.equal(['log.commit-failed']);
    await clock.advance(1_000);
    expect(sent).to.deep.equal(['0@1', '0@1']);
    await answer();
    await clock.advance(10_000);
    expect(sent).to.have.length(2);
  });

  it('makes a failed commit good with the next one', async () => {
    void commit(0, 1);
    await clock.advance(0);
    await answer(new Error('no'));
    void commit(0, 4);
    await clock.advance(0);
    await answer();
    await clock.advance(10_000);
    expect(sent).to.deep.equal(['0@1', '0@4']);
  });

  it('tells what was committed, after it was', async () => {
    void commit(0, 1);
    await clock.advance(0);
    void commit(0, 2);
    expect(committed).to.deep.equal([]);
    await answer();
    expect(committed).to.deep.equal(['0@1']);
    await answer(new Error('no'));
    expect(committed).to.deep.equal(['0@1']);
    await clock.advance(1_000);
    await answer();
    expect(committed).to.deep.equal(['0@1', '0@2']);
  });

  it('is settled when the commit that waits for another one is made', async () => {
    let isSettled = false;
    void commit(0, 1);
    await clock.advance(0);
    void commit(0, 2);
    void commits.settled().then(() => (isSettled = true));
    await answer();
    expect(isSettled).to.equal(false);
    await answer();
    expect(isSettled).to.equal(true);
    await commits.settled();
  });

  it('sends nothing more once it is cleared', async () => {
    void commit(0, 1);
    await clock.advance(0);
    void commit(0, 2);
    commits.clear();
    await answer(new Error('no'));
    expect(clock.pendingTimers).to.equal(0);
    await clock.advance(10_000);
    expect(sent).to.deep.equal(['0@1']);
  });
});
