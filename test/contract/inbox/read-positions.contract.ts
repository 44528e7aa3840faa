import { expect } from 'chai';
import { aDeadLetter, aDelivery } from '../../support/builders.js';
import { inbox, useStore, type LedgerStoreFactory } from '../delivery/ledger/store.js';

/** Tests the obligations of a read position store; see the port. */
export function readPositionsContract(name: string, factory: LedgerStoreFactory): void {
  describe(`${name} as a read position store`, function () {
    this.timeout(60_000);
    const used = useStore(factory);
    const positionOf = async (): Promise<number | undefined> =>
      (await used.store.positions.of('clientB'))?.number;
    const store = (count: number): Promise<unknown> =>
      used.store.ledger.settle(Array.from({ length: count }, () => aDelivery()));

    it('returns nothing for a client that has read nothing', async () => {
      await store(1);
      expect(await positionOf()).to.equal(undefined);
      expect(await used.store.reader.state('clientB')).to.deep.equal({ first: 1, last: 1, read: 0 });
    });

    it('moves positions forward, and returns when they moved', async () => {
      await store(5);
      await used.store.positions.advance('clientB', 2);
      const moved = { number: 2, at: used.clock.time };
      expect(await used.store.positions.of('clientB')).to.deep.equal(moved);
      used.clock.time += 1_000;
      for (const through of [2, 1, 0]) await used.store.positions.advance('clientB', through);
      expect(await used.store.positions.of('clientB')).to.deep.equal(moved);
      await used.store.positions.advance('clientB', 4);
      expect(await used.store.positions.of('clientB')).to.deep.equal({ number: 4, at: used.clock.time });
      expect(await used.store.reader.state('clientB')).to.deep.equal({ first: 1, last: 5, read: 4 });
    });

    it('never moves a position past the last number', async () => {
      await store(2);
      await used.store.positions.advance('clientB', 99);
      expect(await positionOf()).to.equal(2);
      await store(1);
      expect((await used.store.reader.state('clientB')).read).to.equal(2);
    });

    it('leaves the position of an inbox without messages unchanged', async () => {
      await used.store.ledger.settle([aDeadLetter({ to: 'clientB' })]);
      for (const client of ['clientB', 'nobody']) {
        await used.store.positions.advance(client, 7);
        expect((await used.store.reader.state(client)).read).to.equal(0);
      }
    });

    it('creates one position for each client when several callers move it first', async () => {
      const other = await used.store.other();
      const clients = Array.from({ length: 20 }, (_, n) => `client-${String(n)}`);
      await used.store.ledger.settle(clients.flatMap((to) => [aDelivery({ to }), aDelivery({ to })]));
      await Promise.all(
        clients.flatMap((client) =>
          [used.store, other, used.store, other].map(({ positions }, n) =>
            positions.advance(client, 1 + (n % 2)),
          ),
        ),
      );
      for (const client of clients) {
        expect(await used.store.positions.of(client)).to.deep.equal({ number: 2, at: used.clock.time });
      }
    });

    it('keeps the highest of concurrent positions, and does not disturb deliveries', async () => {
      const other = await used.store.other();
      await store(50);
      const moves = Array.from({ length: 40 }, (_, n) => (n * 17) % 45);
      const deliveries = Array.from({ length: 10 }, () => store(5));
      await Promise.all([
        ...moves.map((through, n) =>
          (n % 2 === 0 ? used.store : other).positions.advance('clientB', through),
        ),
        ...deliveries,
      ]);
      expect(await positionOf()).to.equal(Math.max(...moves));
      const numbers = (await inbox(used.store.reader, 'clientB')).map(({ number }) => number);
      expect(numbers).to.deep.equal(Array.from({ length: 100 }, (_, n) => n + 1));
    });
  });
}
