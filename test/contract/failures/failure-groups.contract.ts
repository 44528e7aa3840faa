import { expect } from 'chai';
import type { FailureGroups, GroupSummary } from '../../../src/application/ports/failures.js';
import type { DeadLetter, FailureState } from '../../../src/domain/failures/failed-message.js';
import { groupOf } from '../../../src/domain/failures/failure-group.js';
import { aDeadLetter, aDelivery, identities } from '../../support/builders.js';
import { useStore, type LedgerStoreFactory } from '../delivery/ledger/store.js';

/** Tests the obligations of failure groups; see the port. */
export function failureGroupsContract(name: string, factory: LedgerStoreFactory): void {
  describe(`${name} as failure groups`, function () {
    this.timeout(60_000);
    const used = useStore(factory);

    const fail = async (...given: Partial<DeadLetter>[]): Promise<DeadLetter[]> => {
      const entries = given.map(aDeadLetter);
      await used.store.ledger.settle(entries);
      return entries.map(({ letter }) => letter);
    };
    const groups = (): ReturnType<FailureGroups['groups']> => used.store.groups.groups();
    const move = (id: string, state: FailureState): Promise<unknown> =>
      used.store.ledger.amend(id, (failure) => ({ ...failure, state }));

    it('returns no groups if nothing failed', async () => {
      await used.store.ledger.settle([aDelivery()]);
      expect(await groups()).to.deep.equal([]);
    });

    it('groups failures whose reasons differ only in names and numbers', async () => {
      const [first, latest] = await fail(
        { reason: 'timed out after 31 ms', failedAt: 1_000 },
        { reason: 'timed out after 7 ms', failedAt: 3_000 },
        { reason: 'timed out after 99 ms', failedAt: 2_000 },
      );
      const group = groupOf(first ?? aDeadLetter().letter, identities);
      const oldest = { id: first?.id, at: 1_000 };
      const times = { count: 3, first: 1_000, last: 3_000, sample: latest?.id, oldest };
      const words = { key: group.key, code: 'delivery-failed', reason: 'timed out after <n> ms' };
      expect(await groups()).to.deep.equal([{ ...words, ...times, isRefused: false }]);
    });

    it('separates codes and reasons, and lists the largest groups first', async () => {
      await fail(
        { code: 'a', reason: 'x' },
        ...Array.from({ length: 3 }, () => ({ code: 'b', reason: 'x' })),
        ...Array.from({ length: 2 }, () => ({ code: 'b', reason: 'y' })),
      );
      const told = (await groups()).map(({ code, reason, count }) => `${code} ${reason} ${String(count)}`);
      expect(told).to.deep.equal(['b x 3', 'b y 2', 'a x 1']);
    });

    it('lists groups of equal size in a stable order', async () => {
      await fail(...['x', 'y', 'z', 'w'].map((reason) => ({ reason })));
      const keys = (await groups()).map(({ key }) => key);
      expect(keys).to.deep.equal([...keys].sort());
    });

    it('takes the highest id among the latest failures as the sample', async () => {
      const failed = await fail({ failedAt: 5_000 }, { failedAt: 5_000 }, { failedAt: 4_000 });
      expect((await groups())[0]?.sample).to.equal(failed[1]?.id);
    });

    it('marks groups that contain only invalid sends', async () => {
      const failed = await fail(
        { code: 'a', disposition: 'refused', failedAt: 9_000 },
        { code: 'b', disposition: 'refused', failedAt: 2_000 },
        { code: 'b', disposition: 'rejected', failedAt: 4_000 },
        { code: 'b', disposition: 'exhausted', failedAt: 3_000 },
      );
      const told = new Map((await groups()).map((group) => [group.code, group]));
      expect(told.get('a')).to.include({ isRefused: true, count: 1 }).and.not.have.property('oldest');
      expect(told.get('b')).to.include({ isRefused: false, count: 3, first: 2_000, last: 4_000 });
      expect(told.get('b')?.oldest).to.deep.equal({ id: failed[3]?.id, at: 3_000 });
    });

    it('counts only unresolved failures, including those that are unresolved again', async () => {
      const failed = await fail({ failedAt: 1_000 }, { failedAt: 2_000 }, { failedAt: 3_000 });
      const [first, second, third] = failed.map(({ id }) => id) as [string, string, string];
      await move(first, 'replaying');
      await move(third, 'discarded');
      expect(await groups()).to.have.lengthOf(1);
      expect((await groups())[0]).to.include({ count: 1, first: 2_000, last: 2_000, sample: second });
      await move(second, 'correcting');
      expect(await groups()).to.deep.equal([]);
      await move(first, 'unresolved');
      expect((await groups())[0]).to.include({ count: 1, sample: first });
    });

    it('moves a failure to another group when it fails again for another reason', async () => {
      const [letter] = await fail({ reason: 'x', failedAt: 1_000 });
      await used.store.ledger.settle([
        { kind: 'dead-letter', letter: { ...(letter ?? aDeadLetter().letter), ...again } },
      ]);
      const told = await groups();
      expect(told.map(({ reason, count, last }) => [reason, count, last])).to.deep.equal([['y', 1, 2_000]]);
    });

    it('drops failures that were delivered in the end', async () => {
      const [letter] = await fail({});
      if (letter) await used.store.ledger.settle([aDelivery({ ...letter, replays: 1 })]);
      expect(await groups()).to.deep.equal([]);
    });

    it('counts correctly after concurrent changes', async () => {
      const failed = await fail(...Array.from({ length: 60 }, (_, i) => ({ reason: 'abc'[i % 3] ?? '' })));
      const ledgers = [used.store.ledger, (await used.store.other()).ledger];
      const [first, second] = [failed.slice(0, 30), failed.slice(20, 50)].map((some) =>
        some.map(({ id }) => id),
      );
      await Promise.all([
        ledgers[0]?.amendAll(first ?? [], (failure) => ({ ...failure, state: 'replaying' })),
        ledgers[1]?.amendAll(second ?? [], (failure) => ({ ...failure, state: 'replaying' })),
        groups(),
      ]);
      const counts = (await groups()).map(({ reason, count }: GroupSummary) => `${reason}${String(count)}`);
      expect(counts.sort()).to.deep.equal(['a3', 'b3', 'c4']);
    });
  });
}

const again = { reason: 'y', replays: 1, failedAt: 2_000 };
