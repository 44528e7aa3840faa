import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { CursorAhead } from '../../../../src/domain/inbox/inbox.js';
import { Following } from '../../../support/inbox/following.js';

/** An inbox of this many messages. */
async function inboxOf(count: number): Promise<Following> {
  const inbox = new Following();
  await inbox.store(count);
  return inbox;
}

function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** The inbox as restored from a copy that ends at this number. */
function restore(inbox: Following, last: number): void {
  inbox.visibleEnd = inbox.confirmedEnd = last;
}

describe('A page after a cursor beyond the end of the inbox', () => {
  it('is rejected with CursorAhead', async () => {
    const inbox = await inboxOf(3);
    expect(await rejectionOf(inbox.poll({ after: 4 }))).to.be.instanceOf(CursorAhead);
    expect(await rejectionOf(new Following().poll({ after: 1 }))).to.be.instanceOf(CursorAhead);
  });

  it('is empty if only a stale read ended below the cursor', async () => {
    const inbox = await inboxOf(3);
    inbox.visibleEnd = 2;
    const { messages, next } = await inbox.poll({ after: 3 });
    expect([messages, next]).to.deep.equal([[], 3]);
  });

  it('is rejected with DependencyUnavailable if the confirmed read fails', async () => {
    const inbox = await inboxOf(3);
    inbox.confirmedEnd = undefined;
    expect(await rejectionOf(inbox.poll({ after: 4 }))).to.be.instanceOf(DependencyUnavailable);
  });

  it('costs no confirmed read at the end of the inbox, or if there are messages', async () => {
    const inbox = await inboxOf(3);
    await inbox.poll({ after: 3 });
    await inbox.poll({ after: 1 });
    await inbox.poll({ after: 0 });
    expect(inbox.confirmations).to.equal(0);
  });

  it('starts at the beginning without a cursor, if the read position is beyond the end', async () => {
    const inbox = await inboxOf(3);
    await inbox.ledger.advance('b', 3);
    restore(inbox, 2);
    const { messages, unread } = await inbox.poll({});
    expect([messages.map(({ number }) => number), unread]).to.deep.equal([[1, 2], 2]);
  });
});

describe('A long poll', () => {
  it('is rejected with CursorAhead within 15 s if the inbox was restored without a signal', async () => {
    const inbox = await inboxOf(3);
    const rejection = rejectionOf(inbox.poll({ after: 3, waitMs: 30_000 }));
    await inbox.clock.advance(1_000);
    restore(inbox, 2);
    await inbox.clock.advance(15_000);
    expect(await rejection).to.be.instanceOf(CursorAhead);
    expect(inbox.watch.size).to.equal(0);
  });

  it('continues if only a stale read ended below the cursor', async () => {
    const inbox = await inboxOf(3);
    const page = inbox.poll({ after: 3, waitMs: 30_000 });
    await inbox.clock.advance(1_000);
    inbox.visibleEnd = 2;
    await inbox.clock.advance(15_000);
    inbox.visibleEnd = Infinity;
    await inbox.store(1);
    expect((await page).messages.map(({ number }) => number)).to.deep.equal([4]);
  });

  for (const [end, arrives] of [
    ['no message arrives', false],
    ['a message arrives', true],
  ] as const) {
    it(`reports expired messages, even if ${end} while it waits`, async () => {
      const inbox = await inboxOf(3);
      await inbox.ledger.sweep(inbox.clock.now() + 1);
      const page = inbox.poll({ after: 1, waitMs: 10_000 });
      await inbox.clock.advance(5_000);
      if (arrives) await inbox.store(1);
      await inbox.clock.advance(5_000);
      const { messages, next, expired } = await page;
      expect([messages.length, next, expired]).to.deep.equal(arrives ? [1, 4, true] : [0, 3, true]);
    });
  }
});

describe('A stream', () => {
  it('does not open after a cursor beyond the end of the inbox', async () => {
    const inbox = (await inboxOf(3)).start(4);
    await inbox.clock.advance(0);
    expect(inbox.rejection).to.be.instanceOf(CursorAhead);
    expect([inbox.isOpen, inbox.watch.size]).to.deep.equal([false, 0]);
  });

  it('opens at the end of the inbox without a confirmed read', async () => {
    const inbox = (await inboxOf(3)).start(3);
    await inbox.clock.advance(0);
    expect([inbox.isOpen, inbox.confirmations]).to.deep.equal([true, 0]);
  });

  it('opens while the store is down, and ends as soon as its cursor is known to be ahead', async () => {
    const inbox = await inboxOf(3);
    inbox.isDown = true;
    inbox.start(4);
    await inbox.clock.advance(20_000);
    expect([inbox.isOpen, inbox.ended]).to.deep.equal([true, false]);
    inbox.isDown = false;
    await inbox.clock.advance(5_000);
    expect([inbox.ended, inbox.watch.size]).to.deep.equal([true, 0]);
  });

  it('opens if the confirmed read fails, and retries it', async () => {
    const inbox = await inboxOf(3);
    inbox.confirmedEnd = undefined;
    inbox.start(4);
    await inbox.clock.advance(1_000);
    expect([inbox.isOpen, inbox.ended]).to.deep.equal([true, false]);
    inbox.confirmedEnd = Infinity;
    await inbox.clock.advance(5_000);
    expect(inbox.ended).to.equal(true);
  });

  it('ends within 15 s if the inbox was restored without a signal', async () => {
    const inbox = (await inboxOf(3)).start(0);
    await inbox.clock.advance(1_000);
    restore(inbox, 2);
    await inbox.clock.advance(15_000);
    expect([inbox.seen, inbox.ended, inbox.watch.size]).to.deep.equal([[1, 2, 3], true, 0]);
  });

  it('stays open if only stale reads ended below its cursor', async () => {
    const inbox = (await inboxOf(3)).start(0);
    await inbox.clock.advance(1_000);
    inbox.visibleEnd = 2;
    await inbox.clock.advance(15_000);
    inbox.visibleEnd = Infinity;
    await inbox.store(1);
    await inbox.clock.advance(0);
    expect([inbox.seen, inbox.ended]).to.deep.equal([[1, 2, 3, 4], false]);
  });

  it('reports expired messages if all were swept between two of its reads', async () => {
    const inbox = await inboxOf(4);
    inbox.hidden = new Set([3]);
    inbox.start(2);
    await inbox.clock.advance(10);
    await inbox.ledger.sweep(inbox.clock.now() + 1);
    await inbox.clock.advance(100);
    await inbox.store(1);
    await inbox.clock.advance(0);
    expect([inbox.seen, inbox.expired]).to.deep.equal([[5], 1]);
  });
});
