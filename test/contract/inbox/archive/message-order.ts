import { expect } from 'chai';
import fc from 'fast-check';
import { cursorAt } from '../../../../src/application/inbox/list-order.js';
import type { ListCursor, ListedMessage, MessageQuery } from '../../../../src/application/ports/archive.js';
import { aDelivery, type DeliveryEntry } from '../../../support/builders.js';
import { all, type LedgerStore } from '../../delivery/ledger/store.js';

interface UsedStore {
  readonly store: LedgerStore;
}

interface Sent {
  readonly from: string;
  readonly to: string;
  /**
   * Milliseconds after the start of its run. The range is small, so that many messages share a millisecond.
   */
  readonly at: number;
  /** Ids need not increase in the order of storing. */
  readonly id: string;
}

const RUN_MS = 100;
const FILTERS: readonly MessageQuery[] = [{}, { to: 'x' }, { from: 'a' }, { from: 'a', to: 'x' }];

const sent = fc.record<Sent>({
  from: fc.constantFrom('a', 'b'),
  to: fc.constantFrom('x', 'y', 'z'),
  at: fc.nat(3),
  id: fc.stringMatching(/^[0-9a-f]{16}$/),
});
const run = fc.record({
  sent: fc.uniqueArray(sent, { minLength: 2, maxLength: 40, selector: ({ id }) => id }),
  limit: fc.integer({ min: 1, max: 20 }),
  filter: fc.constantFrom(...FILTERS),
  cut: fc.nat(),
});

/** Tests in which order an archive lists messages, and how its pages continue. */
export function messageOrder(used: UsedStore): void {
  const settle = (...entries: DeliveryEntry[]): Promise<unknown> => used.store.ledger.settle(entries);

  it('follows the inbox for messages of one recipient in one millisecond', async () => {
    const ids = ['c', 'a', 'b'].map((digit) => digit.repeat(24));
    await settle(...ids.map((id) => aDelivery({ id, sentAt: 2_000 })));
    await settle(aDelivery({ id: 'd'.repeat(24), sentAt: 1_000 }));
    for (const query of [{}, { to: 'clientB' }, { from: 'clientA' }, { from: 'clientA', to: 'clientB' }]) {
      const listed = await all(used.store.archive.messages(query));
      expect(listed.map(({ id }) => id[0])).to.deep.equal(['d', 'c', 'a', 'b']);
    }
  });

  it('is by number, then by id, for messages to several recipients in one millisecond', async () => {
    const of = (to: string, digit: string): DeliveryEntry =>
      aDelivery({ to, id: digit.repeat(24), sentAt: 2_000 });
    await settle(of('x', 'd'), of('y', 'c'), of('y', 'a'), of('x', 'b'));
    const listed = await all(used.store.archive.messages({}));
    expect(listed.map(({ id, number }) => [id[0], number])).to.deep.equal([
      ['c', 1],
      ['d', 1],
      ['a', 2],
      ['b', 2],
    ]);
  });

  it('is the same in pages of any size and in one list, whatever was sent', async () => {
    await fc.assert(
      fc.asyncProperty(run, async (given) => {
        const { query, whole } = await stored(given);
        expect(await all(used.store.archive.messages(query))).to.deep.equal(whole);
        expect(await pages(query, given.limit)).to.deep.equal(whole);
      }),
      { numRuns: 15 },
    );
  });

  it('continues from a cursor of an earlier version with exactly the messages that are not listed yet', async () => {
    await fc.assert(
      fc.asyncProperty(run, async (given) => {
        const { query, whole } = await stored(given);
        const listed = [...whole].sort((a, b) => a.sentAt - b.sentAt || (a.id < b.id ? -1 : 1));
        const seen = listed.slice(0, given.cut % (listed.length + 1));
        const last = seen.at(-1);
        if (last === undefined) return;
        const after = { sentAt: last.sentAt, id: last.id };
        const rest = whole.filter((row) => !seen.includes(row));
        expect(await all(used.store.archive.messages({ ...query, after }))).to.deep.equal(rest);
        expect(await pages({ ...query, after }, given.limit)).to.deep.equal(rest);
      }),
      { numRuns: 25 },
    );
  });

  let runs = 0;

  /** Stores a run's messages in their own time span, and returns the list that the run's filter must match. */
  async function stored({
    sent: all,
    filter,
  }: {
    readonly sent: readonly Sent[];
    readonly filter: MessageQuery;
  }) {
    runs += 1;
    const since = runs * RUN_MS;
    const until = since + RUN_MS;
    const ids = new Map<string, Sent>();
    const entries = all.map((message) => {
      const id = runs.toString(16).padStart(8, '0') + message.id;
      ids.set(id, message);
      return aDelivery({ id, from: message.from, to: message.to, sentAt: since + message.at });
    });
    await settle(...entries);
    const rows: ListedMessage[] = [];
    for (const [id, { from, to }] of ids) {
      if ((filter.from ?? from) !== from || (filter.to ?? to) !== to) continue;
      const message = (await used.store.archive.find(id))?.message;
      if (message) rows.push(message);
    }
    const whole = rows.sort(
      (a, b) => a.sentAt - b.sentAt || (a.number ?? 0) - (b.number ?? 0) || (a.id < b.id ? -1 : 1),
    );
    return { query: { ...filter, since, until }, whole };
  }

  async function pages(query: MessageQuery, limit: number): Promise<ListedMessage[]> {
    const seen: ListedMessage[] = [];
    let after: ListCursor | undefined = query.after;
    for (;;) {
      const page: ListedMessage[] = await all(
        used.store.archive.messages({ ...query, limit, ...(after && { after }) }),
      );
      const last = page.at(-1);
      if (last === undefined) return seen;
      seen.push(...page);
      after = cursorAt(last, after);
    }
  }
}
