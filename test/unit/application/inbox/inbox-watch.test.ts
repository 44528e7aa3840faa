import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { InboxWatch } from '../../../../src/application/inbox/inbox-watch.js';
import type { InboxListener } from '../../../../src/application/ports/inbox.js';
import { FakeClock } from '../../../support/fake-clock.js';

describe('InboxWatch', () => {
  let clock: FakeClock;
  let signal: InboxListener;
  let subscriptions: number;
  let queries: (readonly string[])[];
  let lastNumbers: Map<string, number> | undefined;
  let watch: InboxWatch;

  beforeEach(() => {
    clock = new FakeClock();
    signal = () => undefined;
    subscriptions = 0;
    queries = [];
    lastNumbers = new Map();
    const subscribe = (listener: InboxListener): (() => void) => {
      subscriptions += 1;
      signal = listener;
      return () => (subscriptions = 0);
    };
    const reader = {
      lastNumbers: (clients: readonly string[]) => {
        queries.push(clients);
        return lastNumbers
          ? Promise.resolve(lastNumbers)
          : Promise.reject(new DependencyUnavailable('store', undefined));
      },
    };
    watch = new InboxWatch({ subscribe }, reader, clock);
  });

  /** Whether the wait has ended, and with which result. */
  function outcomeOf(waiting: Promise<boolean>): () => boolean | undefined {
    let outcome: boolean | undefined;
    void waiting.then((news) => (outcome = news));
    return () => outcome;
  }

  it('wakes waiters at the inbox that a signal names, with one subscription', async () => {
    const [a, b] = [watch.open('a'), watch.open('b')];
    const [atA, atB] = [outcomeOf(a.news()), outcomeOf(b.news())];
    signal('a');
    await clock.advance(0);
    expect([atA(), atB(), subscriptions]).to.deep.equal([true, undefined, 1]);
  });

  it('does not wake a reader that has read up to the number of the signal', async () => {
    const reader = watch.open('a');
    reader.position = 4;
    const outcome = outcomeOf(reader.news());
    signal('a', 4);
    await clock.advance(0);
    expect(outcome()).to.equal(undefined);
    signal('a', 5);
    await clock.advance(0);
    expect(outcome()).to.equal(true);
  });

  it('discards a signal for messages that the reader has read meanwhile', async () => {
    const reader = watch.open('a');
    reader.position = 4;
    signal('a', 6);
    signal('a', 5);
    reader.position = 6;
    const outcome = outcomeOf(reader.news());
    await clock.advance(0);
    expect(outcome()).to.equal(undefined);
    signal('a');
    await clock.advance(0);
    expect(outcome()).to.equal(true);
  });

  it('wakes a reader once for a signal, even if the reader finds no messages', async () => {
    const reader = watch.open('a');
    reader.position = 4;
    signal('a', 5);
    expect(await reader.news()).to.equal(true);
    const outcome = outcomeOf(reader.news());
    await clock.advance(0);
    expect(outcome()).to.equal(undefined);
  });

  it('keeps a signal that arrives while no reader waits', async () => {
    const reader = watch.open('a');
    signal('a');
    expect(await reader.news()).to.equal(true);
    const again = outcomeOf(reader.news(50));
    await clock.advance(49);
    expect(again()).to.equal(undefined);
    await clock.advance(1);
    expect(again()).to.equal(false);
  });

  it('checks all inboxes in one query after a signal without a name, and wakes waiters that are behind', async () => {
    lastNumbers = new Map([
      ['a', 5],
      ['b', 5],
    ]);
    const watches = ['a', 'b', 'c'].map((client) => watch.open(client));
    [watches[0]!.position, watches[1]!.position] = [4, 5];
    const outcomes = watches.map((reader) => outcomeOf(reader.news()));
    signal();
    signal();
    await clock.advance(0);
    expect(queries).to.deep.equal([['a', 'b', 'c']]);
    expect(outcomes.map((outcome) => outcome())).to.deep.equal([true, undefined, true]);
  });

  it('polls every 15 s for missed signals, and only while a reader waits', async () => {
    const reader = watch.open('a');
    reader.position = 4;
    lastNumbers?.set('a', 4);
    const outcome = outcomeOf(reader.news());
    await clock.advance(15_000);
    expect([queries.length, outcome()]).to.deep.equal([1, undefined]);
    lastNumbers?.set('a', 5);
    await clock.advance(15_000);
    expect([queries.length, outcome()]).to.deep.equal([2, true]);
    reader.close();
    await clock.advance(60_000);
    expect(queries).to.have.lengthOf(2);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('wakes waiters whose inbox ends below their position, and marks them', async () => {
    const [reader, other] = [watch.open('a'), watch.open('b')];
    [reader.position, other.position] = [4, 4];
    lastNumbers = new Map([['b', 4]]);
    const outcomes = [reader, other].map((waiting) => outcomeOf(waiting.news()));
    await clock.advance(15_000);
    expect(outcomes.map((outcome) => outcome())).to.deep.equal([true, undefined]);
    expect([reader.mayBeAhead, other.mayBeAhead]).to.deep.equal([true, false]);
  });

  it('polls again after a second while the store is down', async () => {
    lastNumbers = undefined;
    const reader = watch.open('a');
    reader.position = 0;
    const outcome = outcomeOf(reader.news());
    await clock.advance(15_000);
    lastNumbers = new Map([['a', 1]]);
    await clock.advance(1_000);
    expect([queries.length, outcome()]).to.deep.equal([2, true]);
  });

  it('ends every wait when it is closed, and every later one', async () => {
    const outcomes = [watch.open('a').news(), watch.open('a').news(9_000), watch.open('b').news()];
    watch.close();
    watch.close();
    expect(await Promise.all(outcomes)).to.deep.equal([false, false, false]);
    const late = watch.open('a');
    expect([late.ended, await late.news()]).to.deep.equal([true, false]);
    expect([watch.size, subscriptions, clock.pendingTimers]).to.deep.equal([0, 0, 0]);
  });

  it('forgets readers that have left', () => {
    const [reader, other] = [watch.open('a'), watch.open('a')];
    reader.close();
    reader.close();
    expect(watch.size).to.equal(1);
    other.close();
    expect(watch.size).to.equal(0);
  });
});
