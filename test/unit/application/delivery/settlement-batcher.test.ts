import { expect } from 'chai';
import { SettlementBatcher } from '../../../../src/application/delivery/settlement-batcher.js';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import type { Entry, Outcome } from '../../../../src/domain/delivery/settlement.js';
import { aDelivery } from '../../../support/builders.js';
import { FakeClock } from '../../../support/fake-clock.js';

/**
 * A ledger whose transactions end when the test says so. It stores a message under the number in its text.
 */
class SlowLedger {
  readonly batches: string[][] = [];
  private readonly ends: ((error?: Error) => void)[] = [];

  constructor(private readonly clock: FakeClock) {}

  settle(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    const texts = entries.map((entry) => (entry.kind === 'delivery' ? entry.message.message : ''));
    this.batches.push(texts);
    return new Promise((resolve, reject) => {
      this.ends.push((error) => {
        if (error === undefined) resolve(texts.map((text) => ({ kind: 'stored', number: Number(text) })));
        else reject(error);
      });
    });
  }

  /** Ends the oldest transaction in flight, and lets the settlements that wait for it continue. */
  async end(error?: Error): Promise<void> {
    this.ends.shift()?.(error);
    await this.clock.advance(0);
  }
}

const entries = (...numbers: number[]): Entry[] => numbers.map((n) => aDelivery({ message: String(n) }));
const numbersOf = (outcomes: readonly Outcome[]): number[] =>
  outcomes.map((outcome) => (outcome.kind === 'stored' ? outcome.number : -1));

describe('SettlementBatcher', () => {
  let ledger: SlowLedger;
  let gathered: SettlementBatcher;
  let clock: FakeClock;
  const settle = (...numbers: number[]): Promise<number[]> =>
    gathered.settle(entries(...numbers)).then(numbersOf);
  const failureOf = (settling: Promise<unknown>): Promise<unknown> =>
    settling.then(
      () => 'none',
      (error: unknown) => error,
    );

  beforeEach(() => {
    clock = new FakeClock();
    ledger = new SlowLedger(clock);
    gathered = new SettlementBatcher(ledger, clock);
  });

  const many = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
  /** Keeps the store busy. */
  const busy = async (): Promise<{ readonly outcomes: Promise<number[]> }> => {
    const outcomes = settle(1);
    await clock.advance(0);
    return { outcomes };
  };

  it('settles entries at once while the store is idle, together with entries that arrive at the same time', async () => {
    const [first, second] = [settle(1), settle(2, 3)];
    await clock.advance(0);
    expect(ledger.batches).to.deep.equal([['1', '2', '3']]);
    await ledger.end();
    expect([await first, await second]).to.deep.equal([[1], [2, 3]]);
  });

  it('settles entries that arrive during a transaction together, and returns each caller its own outcomes', async () => {
    await busy();
    const later = [settle(3, 4), settle(5), settle(6, 7)];
    await clock.advance(1);
    expect(ledger.batches).to.have.lengthOf(1);
    await ledger.end();
    expect(ledger.batches[1]).to.deep.equal(['3', '4', '5', '6', '7']);
    await ledger.end();
    expect(await Promise.all(later)).to.deep.equal([[3, 4], [5], [6, 7]]);
  });

  it('settles waiting entries together with the next ones of a partition whose transaction has just ended', async () => {
    const { outcomes } = await busy();
    const next = outcomes.then(() => settle(8));
    const other = settle(9);
    await ledger.end();
    expect(ledger.batches[1]).to.have.members(['8', '9']);
    await ledger.end();
    expect(await Promise.all([next, other])).to.deep.equal([[8], [9]]);
  });

  it('does not let entries wait if they fill half a transaction, but limits the concurrent transactions', async () => {
    const all: Promise<unknown>[] = [(await busy()).outcomes];
    for (let n = 0; n < 9; n += 1) all.push(settle(...many(250)));
    await clock.advance(0);
    expect(ledger.batches.map(({ length }) => length)).to.deep.equal([1, 500, 500, 500]);
    for (let n = 0; n < 6; n += 1) await ledger.end();
    await Promise.all(all);
    expect(ledger.batches.slice(4).map(({ length }) => length)).to.deep.equal([500, 250]);
  });

  it('puts no more bytes into one transaction than a ledger must accept', async () => {
    const all: Promise<unknown>[] = [(await busy()).outcomes];
    const long = (letter: string) => gathered.settle([aDelivery({ message: letter.repeat(1_000_000) })]);
    all.push(long('x'), long('y'));
    await ledger.end();
    expect(ledger.batches.map(({ length }) => length)).to.deep.equal([1, 1]);
    await ledger.end();
    expect(ledger.batches).to.have.lengthOf(3);
    await ledger.end();
    await Promise.all(all);
  });

  it('rejects every caller if the store is down', async () => {
    const { outcomes } = await busy();
    const later = [failureOf(settle(3)), failureOf(settle(4))];
    await ledger.end();
    const down = new DependencyUnavailable('store', new Error('down'));
    await ledger.end(down);
    expect(await Promise.all(later)).to.deep.equal([down, down]);
    await outcomes;
  });

  it('settles the entries of each caller separately if a shared transaction fails for another reason', async () => {
    const { outcomes } = await busy();
    const [good, bad, last] = [settle(3), failureOf(settle(4)), settle(5)];
    await ledger.end();
    const own = new Error('its own fault');
    await ledger.end(own);
    await ledger.end();
    await ledger.end(own);
    await ledger.end();
    expect(await good).to.deep.equal([3]);
    expect(await bad).to.equal(own);
    expect(await last).to.deep.equal([5]);
    expect(ledger.batches.slice(1)).to.deep.equal([['3', '4', '5'], ['3'], ['4'], ['5']]);
    await outcomes;
  });
});
