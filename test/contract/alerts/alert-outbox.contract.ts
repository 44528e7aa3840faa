import { expect } from 'chai';
import type { AlertOutbox } from '../../../src/application/ports/alerts.js';
import { NO_ALERTS, withWatchLease, type AlertState } from '../../../src/domain/alerts/alert.js';
import { useStore, type LedgerStoreFactory } from '../delivery/ledger/store.js';

/** Tests the obligations of an alert outbox; see the port. */
export function alertOutboxContract(name: string, factory: LedgerStoreFactory): void {
  describe(`${name} as an alert outbox`, function () {
    this.timeout(30_000);
    const used = useStore(factory);

    const read = async (
      from: { readonly alerts: AlertOutbox } = used.store,
    ): Promise<AlertState | undefined> => {
      let seen: AlertState | undefined;
      await from.alerts.change((state) => {
        seen = state;
        return undefined;
      });
      return seen;
    };
    const both = async (): Promise<AlertOutbox[]> => [used.store.alerts, (await used.store.other()).alerts];

    it('starts empty, and stays empty if the change returns nothing', async () => {
      expect(await read()).to.deep.equal(NO_ALERTS);
      expect(await used.store.alerts.change(() => undefined)).to.equal(undefined);
      expect(await read()).to.deep.equal(NO_ALERTS);
    });

    it('returns what was stored, to every process', async () => {
      const group = { key: 'k', code: 'c', reason: 'a.b $x', count: 3 };
      const alert = { type: 'failures.replay-failed', at: 5, data: { ...group, id: 'an-id' } } as const;
      const state: AlertState = {
        ...{ lease: 7, groups: ['k', 'l'], isAgeTold: true },
        pending: [{ ...alert, id: 'one', attempts: 2, due: 9 }],
      };
      expect(await used.store.alerts.change(() => state)).to.deep.equal(state);
      expect(await read()).to.deep.equal(state);
      expect(await read(await used.store.other())).to.deep.equal(state);
    });

    it('loses no update when many changes run concurrently', async () => {
      const stores = await both();
      const changes = Array.from({ length: 30 }, (_, i) =>
        stores[i % 2]?.change((state) => ({ ...state, groups: [...state.groups, String(i)] })),
      );
      await Promise.all(changes);
      expect(new Set((await read())?.groups).size).to.equal(30);
    });

    it('grants the lease to only one of many concurrent callers', async () => {
      const stores = await both();
      const asked = Array.from({ length: 10 }, (_, i) =>
        stores[i % 2]?.change((state) => withWatchLease(state, 0, 10, 1_000 + i)),
      );
      expect((await Promise.all(asked)).filter((state) => state !== undefined)).to.have.lengthOf(1);
    });
  });
}
