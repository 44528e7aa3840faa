import { expect } from 'chai';
import fc from 'fast-check';
import { Following } from '../../../support/inbox/following.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

describe('Following an inbox', () => {
  it('returns stored messages, then new ones, in batches', async () => {
    const one = new Following();
    await one.store(250);
    one.start(0);
    await one.clock.advance(0);
    await one.store(3);
    await one.clock.advance(0);
    expect(one.seen).to.deep.equal(upTo(253));
  });

  it('reads new messages once, instead of until it finds none', async () => {
    const one = new Following().start(0);
    await one.clock.advance(0);
    const before = one.reads;
    for (const count of [1, 3]) {
      await one.store(count);
      await one.clock.advance(0);
    }
    expect([one.seen, one.reads - before]).to.deep.equal([upTo(4), 2]);
  });

  it('begins with the unread messages', async () => {
    const one = new Following();
    await one.store(5);
    await one.ledger.advance('b', 3);
    one.start();
    await one.clock.advance(0);
    expect(one.seen).to.deep.equal([4, 5]);
  });

  it('continues when the store is back, and after a lost signal', async () => {
    const one = new Following();
    one.isDown = true;
    one.start();
    await one.clock.advance(20_000);
    one.isDown = false;
    await one.store(2);
    await one.clock.advance(5_000);
    expect(one.seen).to.deep.equal([1, 2]);
    one.signalsAreLost = true;
    await one.store(1);
    await one.clock.advance(15_000);
    expect(one.seen).to.deep.equal([1, 2, 3]);
  });

  it('continues when a read that was too slow is fast enough again', async () => {
    const one = new Following();
    one.isSlow = true;
    one.start();
    await one.store(2);
    await one.clock.advance(20_000);
    one.isSlow = false;
    await one.clock.advance(5_000);
    expect([one.seen, one.rejection]).to.deep.equal([[1, 2], undefined]);
  });

  it('waits for a number that becomes visible late, but not forever', async () => {
    const one = new Following();
    await one.store(4);
    one.hidden = new Set([2]);
    one.start(0);
    await one.clock.advance(100);
    expect(one.seen).to.deep.equal([1]);
    one.hidden = new Set();
    await one.clock.advance(100);
    expect(one.seen).to.deep.equal([1, 2, 3, 4]);
    await one.store(2);
    one.hidden = new Set([5]);
    await one.clock.advance(5_000);
    expect(one.seen).to.deep.equal([1, 2, 3, 4, 6]);
  });

  for (const [how, end] of [
    ['disconnects', (one: Following) => one.abort.abort()],
    ['learns that the program stops', (one: Following) => one.watch.close()],
  ] as const) {
    it(`ends and leaves nothing behind when it ${how}, waiting or reading`, async () => {
      for (const isAway of [false, true]) {
        const one = new Following();
        one.isDown = isAway;
        one.start();
        await one.clock.advance(0);
        end(one);
        await one.clock.advance(5_000);
        expect([one.ended, one.watch.size]).to.deep.equal([true, 0]);
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
        const one = new Following().start(0);
        let swept = 0;
        for (const next of steps) {
          if (next.do === 'store') await one.store(next.count);
          else if (next.do === 'away') one.isDown = next.is;
          else if (next.do === 'lost') one.signalsAreLost = next.is;
          else if (next.do === 'advance') await one.clock.advance(next.ms);
          else if (next.do === 'hide') {
            const { last } = await one.ledger.state('b');
            one.hidden = new Set([last - next.behind]);
            await one.clock.advance(0);
            one.hidden = new Set();
          } else {
            await one.ledger.sweep(one.clock.now() + 1);
            swept = (await one.ledger.state('b')).last;
          }
        }
        one.isDown = one.signalsAreLost = false;
        await one.clock.advance(40_000);
        const { last } = await one.ledger.state('b');
        const kept = upTo(last).filter((number) => number > swept);
        expect(one.seen).to.deep.equal([...new Set(one.seen)].sort((a, b) => a - b));
        expect(one.seen).to.include.members(kept);
      }),
      { numRuns: 300 },
    );
  });
});

describe('Polling an inbox', () => {
  const poll = (one: Following, waitMs: number, signal?: AbortSignal) =>
    one.poll({ waitMs, ...(signal && { signal }) });

  it('returns at once if there are messages, or else at a signal', async () => {
    const one = new Following();
    const waiting = poll(one, 30_000);
    await one.clock.advance(1_000);
    await one.store(1);
    expect((await waiting).messages).to.have.lengthOf(1);
    expect((await poll(one, 30_000)).messages).to.have.lengthOf(1);
    expect([one.watch.size, one.clock.pendingTimers <= 1]).to.deep.equal([0, true]);
  });

  it('returns nothing on a timeout, a disconnect, and a stop of the program', async () => {
    const one = new Following();
    const left = new AbortController();
    const [timed, leaving, stopped] = [poll(one, 1_000), poll(one, 30_000, left.signal), poll(one, 30_000)];
    await one.clock.advance(1_000);
    expect((await timed).messages).to.deep.equal([]);
    left.abort();
    expect((await leaving).messages).to.deep.equal([]);
    one.watch.close();
    expect((await stopped).messages).to.deep.equal([]);
    expect(one.watch.size).to.equal(0);
  });
});
