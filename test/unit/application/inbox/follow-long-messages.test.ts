import { expect } from 'chai';
import { FollowInbox } from '../../../../src/application/inbox/follow-inbox.js';
import { InboxWatch } from '../../../../src/application/inbox/inbox-watch.js';
import type { FollowedRows } from '../../../../src/application/inbox/inbox-pages.js';
import { aMessage } from '../../../support/builders.js';
import { FakeClock } from '../../../support/fake-clock.js';

/** An inbox of messages with these lengths, and the number of rows requested and read. */
function inboxOf(lengths: readonly number[]): {
  following: FollowInbox;
  limits: number[];
  read: () => number;
} {
  const clock = new FakeClock();
  const limits: number[] = [];
  let read = 0;
  const all = lengths.map((length, at) => {
    const message = 'x'.repeat(length);
    return { ...aMessage({ to: 'a', message }), number: at + 1, storedAt: 0, content: '' };
  });
  const rows = (_client: string, after: number, limit: number): Promise<FollowedRows> => {
    const messages = all.slice(after, after + limit);
    limits.push(limit);
    read += messages.length;
    const isLast = messages.length < limit;
    return Promise.resolve({
      ...{ messages, next: after + messages.length, expired: false, isPremature: false },
      isLast,
    });
  };
  const signals = { subscribe: () => () => undefined };
  const watch = new InboxWatch(signals, { lastNumbers: () => Promise.resolve(new Map()) }, clock);
  const pages = { rows, readUpTo: () => Promise.resolve(0), isAhead: () => Promise.resolve(false) };
  return { following: new FollowInbox(pages, watch, clock, () => 0), limits, read: () => read };
}

async function numbersOf(following: FollowInbox, count: number): Promise<number[]> {
  const numbers: number[] = [];
  const left = new AbortController();
  const batches = await following.follow({ client: 'a', after: 0, signal: left.signal });
  for await (const { messages } of batches) {
    numbers.push(...messages.map(({ number }) => number));
    if (numbers.length >= count) left.abort();
  }
  return numbers;
}

describe('Following an inbox of long messages', () => {
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

  it('reads little more than it returns', async () => {
    const { following, read } = inboxOf(Array.from({ length: 300 }, () => 10_000));
    expect(await numbersOf(following, 300)).to.deep.equal(upTo(300));
    // The first read of a hundred shows how long they are.
    expect(read() - 300).to.be.below(100 + 300);
  });

  it('reads many again if they are short again', async () => {
    const short = Array.from({ length: 1_000 }, () => 10);
    const { following, limits } = inboxOf([40_000, 40_000, ...short]);
    expect(await numbersOf(following, 1_002)).to.deep.equal(upTo(1_002));
    expect(limits).to.have.lengthOf.below(25);
    expect(Math.max(...limits)).to.equal(100);
  });

  it('returns a message that is longer than a batch alone', async () => {
    const { following } = inboxOf([100_000, 100_000, 5]);
    expect(await numbersOf(following, 3)).to.deep.equal([1, 2, 3]);
  });
});
