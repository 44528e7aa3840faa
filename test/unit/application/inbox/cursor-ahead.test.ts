import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { CursorAhead } from '../../../../src/domain/inbox/inbox.js';
import { Following } from '../../../support/inbox/following.js';

/** An inbox of this many messages. */
async function inboxOf(count: number): Promise<Following> {
  const one = new Following();
  await one.store(count);
  return one;
}

function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** The inbox as restored from a copy that ends at this number. */
function restore(one: Following, last: number): void {
  one.visibleEnd = one.confirmedEnd = last;
}

describe('A page after a cursor beyond the end of the inbox', () => {
  it('is rejected with CursorAhead', async () => {
    const one = await inboxOf(3);
    expect(await rejectionOf(one.poll({ after: 4 }))).to.be.instanceOf(CursorAhead);
    expect(await rejectionOf(new Following().poll({ after: 1 }))).to.be.instanceOf(CursorAhead);
  });

  it('is empty if only a stale read ended below the cursor', async () => {
    const one = await inboxOf(3);
    one.visibleEnd = 2;
    const { messages, next } = await one.poll({ after: 3 });
    expect([messages, next]).to.deep.equal([[], 3]);
  });

  it('is rejected with DependencyUnavailable if the confirmed read fails', async () => {
    const one = await inboxOf(3);
    one.confirmedEnd = undefined;
    expect(await rejectionOf(one.poll({ after: 4 }))).to.be.instanceOf(DependencyUnavailable);
  });

  it('costs no confirmed read at the end of the inbox, or if there are messages', async () => {
    const one = await inboxOf(3);
    await one.poll({ after: 3 });
    await one.poll({ after: 1 });
    await one.poll({ after: 0 });
    expect(one.confirmations).to.equal(0);
  });

  it('starts at the beginning without a cursor, if the read position is beyond the end', async () => {
    const one = await inboxOf(3);
    await one.ledger.advance('b', 3);
    restore(one, 2);
    const { messages, unread } = await one.poll({});
    expect([messages.map(({ number }) => number), unread]).to.deep.equal([[1, 2], 2]);
  });
});

describe('A long poll', () => {
  it('is rejected with CursorAhead within 15 s if the inbox was restored without a signal', async () => {
    const one = await inboxOf(3);
    const rejection = rejectionOf(one.poll({ after: 3, waitMs: 30_000 }));
    await one.clock.advance(1_000);
    restore(one, 2);
    await one.clock.advance(15_000);
    expect(await rejection).to.be.instanceOf(CursorAhead);
    expect(one.watch.size).to.equal(0);
  });

  it('continues if only a stale read ended below the cursor', async () => {
    const one = await inboxOf(3);
    const page = one.poll({ after: 3, waitMs: 30_000 });
    await one.clock.advance(1_000);
    one.visibleEnd = 2;
    await one.clock.advance(15_000);
    one.visibleEnd = Infinity;
    await one.store(1);
    expect((await page).messages.map(({ number }) => number)).to.deep.equal([4]);
  });

  for (const [end, arrives] of [
    ['no message arrives', false],
    ['a message arrives', true],
  ] as const) {
    it(`reports expired messages, even if ${end} while it waits`, async () => {
      const one = await inboxOf(3);
      await one.ledger.sweep(one.clock.now() + 1);
      const page = one.poll({ after: 1, waitMs: 10_000 });
      await one.clock.advance(5_000);
      if (arrives) await one.store(1);
      await one.clock.advance(5_000);
      const { messages, next, expired } = await page;
      expect([messages.length, next, expired]).to.deep.equal(arrives ? [1, 4, true] : [0, 3, true]);
    });
  }
});

describe('A stream', () => {
  it('does not open after a cursor beyond the end of the inbox', async () => {
    const one = (await inboxOf(3)).start(4);
    await one.clock.advance(0);
    expect(one.rejection).to.be.instanceOf(CursorAhead);
    expect([one.isOpen, one.watch.size]).to.deep.equal([false, 0]);
  });

  it('opens at the end of the inbox without a confirmed read', async () => {
    const one = (await inboxOf(3)).start(3);
    await one.clock.advance(0);
    expect([one.isOpen, one.confirmations]).to.deep.equal([true, 0]);
  });

  it('opens while the store is down, and ends as soon as its cursor is known to be ahead', async () => {
    const one = await inboxOf(3);
    one.isDown = true;
    one.start(4);
    await one.clock.advance(20_000);
    expect([one.isOpen, one.ended]).to.deep.equal([true, false]);
    one.isDown = false;
    await one.clock.advance(5_000);
    expect([one.ended, one.watch.size]).to.deep.equal([true, 0]);
  });

  it('opens if the confirmed read fails, and retries it', async () => {
    const one = await inboxOf(3);
    one.confirmedEnd = undefined;
    one.start(4);
    await one.clock.advance(1_000);
    expect([one.isOpen, one.ended]).to.deep.equal([true, false]);
    one.confirmedEnd = Infinity;
    await one.clock.advance(5_000);
    expect(one.ended).to.equal(true);
  });

  it('ends within 15 s if the inbox was restored without a signal', async () => {
    const one = (await inboxOf(3)).start(0);
    await one.clock.advance(1_000);
    restore(one, 2);
    await one.clock.advance(15_000);
    expect([one.seen, one.ended, one.watch.size]).to.deep.equal([[1, 2, 3], true, 0]);
  });

  it('stays open if only stale reads ended below its cursor', async () => {
    const one = (await inboxOf(3)).start(0);
    await one.clock.advance(1_000);
    one.visibleEnd = 2;
    await one.clock.advance(15_000);
    one.visibleEnd = Infinity;
    await one.store(1);
    await one.clock.advance(0);
    expect([one.seen, one.ended]).to.deep.equal([[1, 2, 3, 4], false]);
  });

  it('reports expired messages if all were swept between two of its reads', async () => {
    const one = await inboxOf(4);
    one.hidden = new Set([3]);
    one.start(2);
    await one.clock.advance(10);
    await one.ledger.sweep(one.clock.now() + 1);
    await one.clock.advance(100);
    await one.store(1);
    await one.clock.advance(0);
    expect([one.seen, one.expired]).to.deep.equal([[5], 1]);
  });
});
