import { expect } from 'chai';
import fc from 'fast-check';
import { Following } from '../../../support/inbox/following.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

describe('Following an inbox', () => {
  it('returns stored messages, then new ones, in batches', async () => {
    const inbox = new Following();
    await inbox.store(250);
    inbox.start(0);
    await inbox.clock.advance(0);
    await inbox.store(3);
    await inbox.clock.advance(0);
    expect(inbox.seen).to.deep.equal(upTo(253));
  });

  it('reads new messages once, instead of until it finds none', async () => {
    const inbox = new Following().start(0);
    await inbox.clock.advance(0);
    const before = inbox.reads;
    for (const count of [1, 3]) {
      await inbox.store(count);
      await inbox.clock.advance(0);
    }
    expect([inbox.seen, inbox.reads - before]).to.deep.equal([upTo(4), 2]);
  });

  it('begins with the unread messages', async () => {
    const inbox = new Following();
    await inbox.store(5);
    await inbox.ledger.advance('b', 3);
    inbox.start();
    await inbox.clock.advance(0);
    expect(inbox.seen).to.deep.equal([4, 5]);
  });

  it('continues when the store is back, and after a lost signal', async () => {
    const inbox = new Following();
    inbox.isDown = true;
    inbox.start();
    await inbox.clock.advance(20_000);
    inbox.isDown = false;
    await inbox.store(2);
    await inbox.clock.advance(5_000);
    expect(inbox.seen).to.deep.equal([1, 2]);
    inbox.signalsAreLost = true;
    await inbox.store(1);
    await inbox.clock.advance(15_000);
    expect(inbox.seen).to.deep.equal([1, 2, 3]);
  });

  it('continues when a read that was too slow is fast enough again', async () => {
    const inbox = new Following();
    inbox.isSlow = true;
    inbox.start();
    await inbox.store(2);
    await inbox.clock.advance(20_000);
    inbox.isSlow = false;
    await inbox.clock.advance(5_000);
    expect([inbox.seen, inbox.rejection]).to.deep.equal([[1, 2], undefined]);
  });

  it('waits for a number that becomes visible late, but not forever', async () => {
    const inbox = new Following();
    await inbox.store(4);
    inbox.hidden = new Set([2]);
    inbox.start(0);
    await inbox.clock.advance(100);
    expect(inbox.seen).to.deep.equal([1]);
    inbox.hidden = new Set();
    await inbox.clock.advance(100);
    expect(inbox.seen).to.deep.equal([1, 2, 3, 4]);
    await inbox.store(2);
    inbox.hidden = new Set([5]);
    await inbox.clock.advance(5_000);
    expect(inbox.seen).to.deep.equal([1, 2, 3, 4, 6]);
  });

  for (const [how, end] of [
    ['disconnects', (inbox: Following) => inbox.abort.abort()],
    ['learns that the program stops', (inbox: Following) => inbox.watch.close()],
  ] as const) {
    it(`ends and leaves nothing behind when it ${how}, waiting or reading`, async () => {
      for (const isAway of [false, true]) {
        const inbox = new Following();
        inbox.isDown = isAway;
        inbox.start();
        await inbox.clock.advance(0);
        end(inbox);
        await inbox.clock.advance(5_000);
        expect([inbox.ended, inbox.watch.size]).to.deep.equal([true, 0]);
      }
    });
  }

  it('returns every kept number once, in ascending order, whatever happens', async function () {
    this.timeout(30_000);
    const step = fc.oneof(
      fc.record({ do: fc.constant('store' as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ do: fc.constantFrom('away' as const, 'lost' as const), is: fc.boolean() }),
      fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(0, 300, 16_000) }),
      fc.constant({ do: 'sweep' as const }),
      fc.record({ do: fc.constant('hide' as const), behind: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const inbox = new Following().start(0);
        let swept = 0;
        for (const next of steps) {
          if (next.do === 'store') await inbox.store(next.count);
          else if (next.do === 'away') inbox.isDown = next.is;
          else if (next.do === 'lost') inbox.signalsAreLost = next.is;
          else if (next.do === 'advance') await inbox.clock.advance(next.ms);
          else if (next.do === 'hide') {
            const { last } = await inbox.ledger.state('b');
            inbox.hidden = new Set([last - next.behind]);
            await inbox.clock.advance(0);
            inbox.hidden = new Set();
          } else {
            await inbox.ledger.sweep(inbox.clock.now() + 1);
            swept = (await inbox.ledger.state('b')).last;
          }
        }
        inbox.isDown = inbox.signalsAreLost = false;
        await inbox.clock.advance(40_000);
        const { last } = await inbox.ledger.state('b');
        const kept = upTo(last).filter((number) => number > swept);
        expect(inbox.seen).to.deep.equal([...new Set(inbox.seen)].sort((a, b) => a - b));
        expect(inbox.seen).to.include.members(kept);
      }),
      { numRuns: 300 },
    );
  });
});

describe('Polling an inbox', () => {
  const poll = (inbox: Following, waitMs: number, signal?: AbortSignal) =>
    inbox.poll({ waitMs, ...(signal && { signal }) });

  it('returns at once if there are messages, or else at a signal', async () => {
    const inbox = new Following();
    const waiting = poll(inbox, 30_000);
    await inbox.clock.advance(1_000);
    await inbox.store(1);
    expect((await waiting).messages).to.have.lengthOf(1);
    expect((await poll(inbox, 30_000)).messages).to.have.lengthOf(1);
    expect([inbox.watch.size, inbox.clock.pendingTimers <= 1]).to.deep.equal([0, true]);
  });

  it('returns nothing on a timeout, a disconnect, and a stop of the program', async () => {
    const inbox = new Following();
    const left = new AbortController();
    const [timed, leaving, stopped] = [
      poll(inbox, 1_000),
      poll(inbox, 30_000, left.signal),
      poll(inbox, 30_000),
    ];
    await inbox.clock.advance(1_000);
    expect((await timed).messages).to.deep.equal([]);
    left.abort();
    expect((await leaving).messages).to.deep.equal([]);
    inbox.watch.close();
    expect((await stopped).messages).to.deep.equal([]);
    expect(inbox.watch.size).to.equal(0);
  });
});
