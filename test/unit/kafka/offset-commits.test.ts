import { expect } from 'chai';
import { OffsetCommits, type PartitionCommit } from '../../../src/adapters/kafka/offset-commits.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLogger } from '../../support/recording-logger.js';

describe('OffsetCommits', () => {
  let clock: FakeClock;
  let logger: RecordingLogger;
  let sent: string[];
  let answers: { resolve: () => void; reject: (error: Error) => void }[];
  let commits: OffsetCommits;

  beforeEach(() => {
    clock = new FakeClock();
    logger = new RecordingLogger();
    sent = [];
    answers = [];
    const send = (batch: readonly PartitionCommit[]) => {
      sent.push(
        batch.map(({ partition, position }) => `${String(partition)}@${String(position.next)}`).join(' '),
      );
      return new Promise<void>((resolve, reject) => answers.push({ resolve, reject }));
    };
    commits = new OffsetCommits(send, clock, logger);
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
