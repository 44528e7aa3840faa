import { expect } from 'chai';
import { rowsAfter } from '../../../src/domain/inbox/inbox.js';
import { aDeadLetter, aDelivery, deadLetterOf, type DeliveryEntry } from '../../support/builders.js';
import {
  all,
  inbox,
  useStore,
  type LedgerHandle,
  type LedgerStoreFactory,
} from '../delivery/ledger/store.js';

/** Tests the obligations of a message sweep; see the port. */
export function messageSweepContract(name: string, factory: LedgerStoreFactory): void {
  describe(`${name} as a message sweep`, function () {
    this.timeout(120_000);
    const used = useStore(factory);
    const store = (count: number, to = 'clientB'): Promise<unknown> =>
      used.store.ledger.settle(Array.from({ length: count }, () => aDelivery({ to })));
    const sweepAll = async ({ sweep }: LedgerHandle = used.store): Promise<number> => {
      let swept = 0;
      for (let some = 1; some > 0; swept += some) some = await sweep.sweep(used.clock.time);
      return swept;
    };
    const numbers = async (client = 'clientB'): Promise<number[]> =>
      (await inbox(used.store.reader, client)).map(({ number }) => number);

    it('removes messages stored before the time, and moves the first kept number', async () => {
      await store(3);
      used.clock.time += 1_000;
      await store(2);
      expect(await sweepAll()).to.equal(3);
      expect(await numbers()).to.deep.equal([4, 5]);
      expect(await used.store.reader.state('clientB')).to.deep.equal({ first: 4, last: 5, read: 0 });
      expect(await all(used.store.archive.messages({}))).to.have.lengthOf(2);
      expect(await sweepAll()).to.equal(0);
    });

    it('removes every trace of a message, and continues numbering after the last one', async () => {
      const entry = aDelivery();
      await used.store.ledger.settle([entry]);
      used.clock.time += 1_000;
      await sweepAll();
      expect(await used.store.archive.find(entry.message.id)).to.equal(undefined);
      expect(await used.store.reader.state('clientB')).to.deep.equal({ first: 2, last: 1, read: 0 });
      await store(1);
      expect(await numbers()).to.deep.equal([2]);
    });

    it('stops at the first message that is kept, whatever was stored when', async () => {
      await store(1);
      used.clock.time += 5_000;
      await store(1);
      // The clock of another process is behind.
      used.clock.time -= 5_000;
      await store(1);
      used.clock.time += 1_000;
      expect(await sweepAll()).to.equal(1);
      expect(await numbers()).to.deep.equal([2, 3]);
    });

    it('keeps the ids of failures, so that their records are still duplicates', async () => {
      const subject: DeliveryEntry = aDelivery({ replays: 1 });
      await used.store.ledger.settle([deadLetterOf(subject, { replays: 0 }), subject]);
      used.clock.time += 1_000;
      expect(await sweepAll()).to.equal(1);
      const found = await used.store.archive.find(subject.message.id);
      expect(found?.message).to.equal(undefined);
      expect(found?.failure).to.include({ state: 'resolved', resolution: 'stored' });
      expect(await used.store.ledger.settle([subject])).to.deep.equal([{ kind: 'duplicate' }]);
      expect(await all(used.store.archive.messages({}))).to.deep.equal([]);
    });

    it('finishes with many messages, many inboxes, and inboxes that have only failures', async () => {
      for (let batch = 0; batch < 3; batch += 1) await store(400);
      const others = Array.from({ length: 120 }, (_, n) => aDelivery({ to: `client-${String(n)}` }));
      await used.store.ledger.settle(others);
      await used.store.ledger.settle([aDeadLetter({ to: 'failed' }), aDeadLetter({ to: '' })]);
      used.clock.time += 1_000;
      expect(await sweepAll()).to.equal(1_320);
      expect((await used.store.reader.state('clientB')).first).to.equal(1_201);
    });

    it('is safe while other sweeps and deliveries run', async () => {
      const other = await used.store.other();
      for (let batch = 0; batch < 3; batch += 1) await store(400);
      used.clock.time += 1_000;
      const swept = await Promise.all([
        sweepAll(),
        sweepAll(other),
        ...Array.from({ length: 5 }, () => store(10).then(() => 0)),
      ]);
      expect(swept.reduce((sum, count) => sum + count)).to.equal(1_200);
      expect(await numbers()).to.deep.equal(Array.from({ length: 50 }, (_, n) => 1_201 + n));
      expect(await used.store.reader.state('clientB')).to.deep.equal({
        first: 1_201,
        last: 1_250,
        read: 0,
      });
    });

    it('reports every gap to a concurrent reader, which never waits for removed messages', async () => {
      for (let batch = 0; batch < 3; batch += 1) await store(400);
      used.clock.time += 1_000;
      await store(30);
      let isSwept = false;
      const sweeping = sweepAll(await used.store.other()).finally(() => (isSwept = true));
      for (let isLast = false; !isLast;) {
        isLast = isSwept;
        await readThrough(used.store);
        // A store that answers at once must let the sweep run in between.
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await sweeping).to.equal(1_200);
      expect(await readThrough(used.store)).to.deep.equal({ seen: 30, next: 1_230, expired: true });
    });
  });
}

/** Reads an inbox to its end, like a recipient that began before the sweep. */
async function readThrough({ reader }: LedgerHandle): Promise<object> {
  let [next, seen, expired] = [0, 0, false];
  for (;;) {
    const page = await reader.page('clientB', next, 100);
    const { first, last } = await reader.state('clientB');
    const rows = rowsAfter(next, page, first);
    expect(rows.isPremature, `rows from ${String(page[0]?.number)} where ${String(first)} is first`).to.equal(
      false,
    );
    if (rows.messages[0] && !rows.expired) expect(rows.messages[0].number).to.equal(next + 1);
    expired ||= rows.expired;
    seen += rows.messages.length;
    next = rows.next;
    if (next >= last) return { seen, next, expired };
  }
}
