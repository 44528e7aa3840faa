import { expect } from 'chai';
import type { ApiKey } from '../../../src/domain/access/api-key.js';
import { useStore, type LedgerFeatures, type LedgerStoreFactory } from '../delivery/ledger/store.js';

const key = (id: string, given: Partial<ApiKey> = {}): ApiKey => ({
  id: id.padStart(12, '0'),
  digest: 'd'.repeat(64),
  client: 'bob',
  scopes: ['send', 'inbox:*'],
  createdAt: 1_000,
  createdBy: 'admin-key',
  ...given,
});

/** Tests the obligations of a store of API keys; see the port. */
export function apiKeysContract(
  name: string,
  factory: LedgerStoreFactory,
  { reopens }: Pick<LedgerFeatures, 'reopens'>,
): void {
  describe(`${name} as a store of API keys`, function () {
    this.timeout(30_000);
    const used = useStore(factory);
    const inserted = async (...given: Parameters<typeof key>): Promise<ApiKey> => {
      const made = key(...given);
      await used.store.keys.insert(made);
      return made;
    };

    it('returns a key as it was stored, to every process', async () => {
      const whole = { name: 'a.b $x', expiresAt: 5_000, revokedAt: 4_000, lastUsedOn: '2027-01-15' };
      for (const made of [await inserted('a'), await inserted('b', whole)]) {
        for (const store of [used.store, await used.store.other()])
          expect(await store.keys.find(made.id)).to.deep.equal(made);
      }
    });

    it('knows nothing of other ids', async () => {
      await inserted('a');
      for (const id of ['b'.repeat(12), '', 'constructor']) {
        expect(await used.store.keys.find(id)).to.equal(undefined);
        expect(await used.store.keys.revoke(id, 1)).to.equal(undefined);
        await used.store.keys.markUsed(id, '2027-01-15');
        expect(await used.store.keys.find(id)).to.equal(undefined);
      }
    });

    it('keeps several keys of one client apart', async () => {
      const [first, second] = [await inserted('a'), await inserted('b')];
      await used.store.keys.revoke(first.id, 2_000);
      expect(await used.store.keys.find(second.id)).to.deep.equal(second);
    });

    it('lists keys in the order of their making, all or by client and maker', async () => {
      const third = await inserted('a', { createdAt: 3_000 });
      const second = await inserted('c', { createdAt: 2_000, client: 'eve' });
      const first = await inserted('b', { createdAt: 2_000, createdBy: 'key:x' });
      const list = used.store.keys.list.bind(used.store.keys);
      expect(await list({})).to.deep.equal([first, second, third]);
      expect(await list({ client: 'bob' })).to.deep.equal([first, third]);
      expect(await list({ createdBy: 'admin-key' })).to.deep.equal([second, third]);
      expect(await list({ client: 'bob', createdBy: 'key:x' })).to.deep.equal([first]);
      expect(await list({ client: 'nobody' })).to.deep.equal([]);
    });

    it('revokes a key once, and keeps the time of that', async () => {
      const made = await inserted('a');
      const revoked = { ...made, revokedAt: 2_000 };
      expect(await used.store.keys.revoke(made.id, 2_000)).to.deep.equal(revoked);
      expect(await used.store.keys.revoke(made.id, 3_000)).to.deep.equal(revoked);
      expect(await used.store.keys.find(made.id)).to.deep.equal(revoked);
      expect(await used.store.keys.list({})).to.deep.equal([revoked]);
    });

    it('returns the same time to everyone who revokes a key at once', async () => {
      const { id } = await inserted('a');
      const stores = [used.store, await used.store.other()];
      const revoking = Array.from({ length: 20 }, (_, at) => stores[at % 2]?.keys.revoke(id, 2_000 + at));
      const times = (await Promise.all(revoking)).map((found) => found?.revokedAt);
      expect(new Set(times)).to.have.lengthOf(1);
      expect((await used.store.keys.find(id))?.revokedAt).to.equal(times[0]);
    });

    it('moves the day of the latest use forward only', async () => {
      const made = await inserted('a');
      for (const day of ['2027-01-15', '2027-01-14', '2026-12-31'])
        await used.store.keys.markUsed(made.id, day);
      expect(await used.store.keys.find(made.id)).to.deep.equal({ ...made, lastUsedOn: '2027-01-15' });
      await used.store.keys.markUsed(made.id, '2027-02-01');
      expect(await used.store.keys.find(made.id)).to.deep.equal({ ...made, lastUsedOn: '2027-02-01' });
    });

    it('loses neither a use nor a revocation that come together', async () => {
      const made = await Promise.all(Array.from({ length: 20 }, (_, at) => inserted(`k${String(at)}`)));
      const other = await used.store.other();
      await Promise.all(
        made.flatMap(({ id }) => [used.store.keys.markUsed(id, '2027-01-15'), other.keys.revoke(id, 2_000)]),
      );
      for (const { id } of made) {
        const found = await used.store.keys.find(id);
        expect(found).to.include({ lastUsedOn: '2027-01-15', revokedAt: 2_000 });
      }
    });

    if (reopens) {
      it('still has keys and revocations after a restart', async () => {
        const [kept, gone] = [await inserted('a'), await inserted('b')];
        await used.store.keys.revoke(gone.id, 2_000);
        const { keys } = await used.store.reopen();
        expect(await keys.list({})).to.deep.equal([kept, { ...gone, revokedAt: 2_000 }]);
      });
    }
  });
}
