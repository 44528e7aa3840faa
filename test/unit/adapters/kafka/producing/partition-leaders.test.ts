import { expect } from 'chai';
import {
  PartitionLeaders,
  type TopicView,
} from '../../../../../src/adapters/kafka/producing/partition-leaders.js';
import { FakeClock } from '../../../../support/fake-clock.js';

const view = (...leaders: (string | undefined)[]): TopicView => ({
  partitions: leaders.length,
  leaders: new Map(
    leaders.flatMap((leader, partition) => (leader === undefined ? [] : [[partition, leader] as const])),
  ),
  brokers: ['a:1', 'b:1', 'c:1'],
});

describe('Partition leaders', () => {
  let clock: FakeClock;
  let asked: string[];
  let closed: string[];
  let answers: Map<string, () => Promise<TopicView>>;
  let leaders: PartitionLeaders;

  beforeEach(() => {
    clock = new FakeClock();
    asked = [];
    closed = [];
    answers = new Map();
    const open = (address: string) => ({
      ask: () => {
        asked.push(address);
        return answers.get(address)?.() ?? Promise.reject(new Error('refused'));
      },
      close: async () => void closed.push(address),
    });
    leaders = new PartitionLeaders(open, ['a:1', 'b:1'], clock);
  });

  afterEach(async () => {
    await leaders.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  const answer = (address: string, ...found: (string | undefined)[]): void => {
    answers.set(address, () => Promise.resolve(view(...found)));
  };

  it('are those that the first broker names', async () => {
    answer('a:1', 'a:1', undefined, 'b:1');
    expect(leaders.partitions).to.equal(undefined);
    await leaders.refresh();
    expect(leaders.partitions).to.equal(3);
    expect([0, 1, 2].map((partition) => leaders.leaderOf(partition))).to.deep.equal([
      'a:1',
      undefined,
      'b:1',
    ]);
    expect(leaders.ledBy('b:1')).to.deep.equal([2]);
  });

  it('are requested every 5 s, from the same broker', async () => {
    answer('a:1', 'a:1');
    await leaders.refresh();
    answer('a:1', 'b:1');
    await clock.advance(5_000);
    expect(leaders.leaderOf(0)).to.equal('b:1');
    expect(asked).to.deep.equal(['a:1', 'a:1']);
  });

  it('are requested at once on demand, but at most every 200 ms, however many callers ask', async () => {
    answer('a:1', 'a:1');
    await leaders.refresh();
    const refreshed = Promise.all([leaders.refresh(), leaders.refresh()]);
    await clock.advance(199);
    expect(asked).to.have.length(1);
    await clock.advance(1);
    await refreshed;
    expect(asked).to.have.length(2);
  });

  it('are requested from another broker when one rejects the request or is silent for a second', async () => {
    answer('b:1', 'b:1');
    await leaders.refresh();
    expect(asked).to.deep.equal(['a:1', 'b:1']);
    answers.set('b:1', () => new Promise(() => undefined));
    answer('c:1', 'c:1');
    const refreshed = leaders.refresh();
    await clock.advance(200);
    expect(leaders.leaderOf(0)).to.equal('b:1');
    await clock.advance(2_000);
    await refreshed;
    expect(leaders.leaderOf(0)).to.equal('c:1');
    expect(asked.at(-1)).to.equal('c:1');
    expect(closed).to.include('b:1');
  });

  it('are requested from the next broker within a second when the current one becomes silent', async () => {
    answer('b:1', 'b:1');
    await leaders.refresh();
    answers.set('b:1', () => new Promise(() => undefined));
    answer('a:1', 'a:1');
    void leaders.refresh();
    await clock.advance(1_200);
    expect(leaders.leaderOf(0)).to.equal('a:1');
  });

  it('stay unchanged while no broker answers', async () => {
    answer('a:1', 'a:1');
    await leaders.refresh();
    answers.clear();
    await clock.advance(5_000);
    expect(leaders.leaderOf(0)).to.equal('a:1');
    expect(leaders.error).to.be.instanceOf(Error);
  });

  it('are not requested after it was closed', async () => {
    answer('a:1', 'a:1');
    await leaders.refresh();
    await leaders.close();
    await clock.advance(10_000);
    expect(asked).to.have.length(1);
    expect(closed).to.deep.equal(['a:1']);
  });

  describe('during an operation', () => {
    const reasonOf = (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'done',
        (error: unknown) => (error as Error).message,
      );

    beforeEach(async () => {
      answer('a:1', 'a:1', 'a:1');
      await leaders.refresh();
    });

    it('abort it when one of its partitions gets another leader, or none', async () => {
      for (const next of ['b:1', undefined]) {
        answer('a:1', 'a:1', 'a:1');
        await clock.advance(5_000);
        const ended = reasonOf(leaders.whileLeading('a:1', [0, 1], new Promise(() => undefined)));
        await clock.advance(1_200);
        answer('a:1', 'a:1', next);
        await clock.advance(700);
        expect(await ended).to.equal('a:1 no longer leads partition 1');
      }
    });

    it('do not abort it otherwise', async () => {
      expect(await leaders.whileLeading('a:1', [0], Promise.resolve('answer'))).to.equal('answer');
      expect(await reasonOf(leaders.whileLeading('a:1', [0], Promise.reject(new Error('no'))))).to.equal(
        'no',
      );
    });
  });
});
