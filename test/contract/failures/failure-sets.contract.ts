import { expect } from 'chai';
import type { ReplaySet } from '../../../src/application/ports/failures.js';
import type { DeadLetter, FailedMessage } from '../../../src/domain/failures/failed-message.js';
import { groupOf } from '../../../src/domain/failures/failure-group.js';
import type { ReplayFilter } from '../../../src/domain/failures/replay-job.js';
import { aDeadLetter, aDelivery, anId, identities } from '../../support/builders.js';
import { useStore, type LedgerStoreFactory } from '../delivery/ledger/store.js';

/** Tests the obligations of a finder of failures for bulk replays; see the port. */
export function failureSetsContract(name: string, factory: LedgerStoreFactory): void {
  describe(`${name} as a finder of failures`, function () {
    this.timeout(60_000);
    const used = useStore(factory);
    const job = anId();

    const fail = async (...given: Partial<DeadLetter>[]): Promise<string[]> => {
      const entries = given.map(aDeadLetter);
      await used.store.ledger.settle(entries);
      return entries.map(({ letter }) => letter.id);
    };
    const many = (count: number): Promise<string[]> =>
      fail(...Array.from({ length: count }, (_, i) => ({ failedAt: 1_000 + (i % 5) })));
    const setOf = (filter: ReplayFilter = {}): ReplaySet => ({ job, filter, before: used.clock.time + 1 });
    const count = async (filter: ReplayFilter = {}): Promise<number> =>
      (await used.store.sets.select(filter, used.clock.time + 1)).count;
    const next = (filter?: ReplayFilter, limit = 100): Promise<readonly string[]> =>
      used.store.sets.next(setOf(filter), limit);
    const change = (ids: readonly string[], changes: Partial<FailedMessage>): Promise<unknown> =>
      used.store.ledger.amendAll(ids, (failure) => ({ ...failure, ...changes }));
    const skip = (ids: readonly string[]): Promise<unknown> => change(ids, { jobs: [{ id: job }] });
    const take = (ids: readonly string[]): Promise<unknown> =>
      change(ids, { state: 'replaying', replays: 1, lease: 9_000, jobs: [{ id: job, replays: 1 }] });

    describe('of a bulk replay', () => {
      it('finds nothing if nothing failed', async () => {
        await used.store.ledger.settle([aDelivery()]);
        expect(await next()).to.deep.equal([]);
        expect(await count()).to.equal(0);
      });

      it('finds unresolved failures and no others', async () => {
        const [one = '', two = '', three = '', four = ''] = await many(4);
        await change([one], { state: 'replaying' });
        await change([two], { state: 'discarded' });
        await change([four], { state: 'correcting' });
        expect(await next()).to.deep.equal([three]);
        expect(await count()).to.equal(1);
      });

      it('leaves out failures recorded when the replay began or later', async () => {
        const early = await many(2);
        used.clock.time += 1;
        await many(3);
        const set = { job, filter: {}, before: used.clock.time };
        expect(await used.store.sets.next(set, 10)).to.have.members(early);
      });

      it('selects failures recorded by a process whose clock is ahead, and returns a later time than theirs', async () => {
        await many(2);
        used.clock.time += 3_600_000;
        await many(1);
        const latest = used.clock.time;
        used.clock.time -= 3_600_000;
        const now = used.clock.time;
        const { count, before } = await used.store.sets.select({}, now);
        expect(count).to.equal(3);
        expect(before).to.equal(latest + 1);
        expect(await used.store.sets.next({ job, filter: {}, before }, 10)).to.have.lengthOf(3);
      });

      it('selects up to the given time if no failure was recorded later', async () => {
        await many(2);
        const now = used.clock.time + 5;
        expect(await used.store.sets.select({}, now)).to.deep.equal({ count: 2, before: now });
      });

      const group = groupOf({ code: 'a', reason: 'x', from: '', to: '' }, identities).key;
      const filters: readonly (readonly [string, ReplayFilter, string])[] = [
        ['nothing', {}, '1234'],
        ['code', { code: 'a' }, '13'],
        ['group', { group }, '1'],
        ['group and to', { group, to: 'nobody' }, ''],
        ['group and code', { group, code: 'b' }, ''],
        ['group and time', { group, since: 1_000, until: 1_001 }, '1'],
        ['an unknown group', { group: 'x'.repeat(5_000) }, ''],
        ['from', { from: 'ann' }, '2'],
        ['to', { to: 'bob' }, '34'],
        ['to and code', { to: 'bob', code: 'b' }, '4'],
        ['since, inclusive', { since: 2_000 }, '234'],
        ['until, exclusive', { until: 3_000 }, '12'],
        ['a span of time', { since: 2_000, until: 4_000 }, '23'],
      ];
      for (const [by, filter, expected] of filters) {
        it(`filters by ${by}`, async () => {
          const ids = await fail(
            { code: 'a', reason: 'x', sentAt: 1_000 },
            { code: 'b', reason: 'x', sentAt: 2_000, from: 'ann' },
            { code: 'a', reason: 'y', sentAt: 3_000, to: 'bob' },
            { code: 'b', reason: 'y', sentAt: 4_000, to: 'bob' },
          );
          const places = (await next(filter)).map((id) => ids.indexOf(id) + 1);
          expect(places.sort().join('')).to.equal(expected);
          expect(await count(filter)).to.equal(expected.length);
        });
      }

      it('leaves out failures with its own mark, but not those marked by another replay', async () => {
        const [mine = '', other = '', free = ''] = await many(3);
        await change([mine], { jobs: [{ id: anId() }, { id: job }] });
        await change([other], { jobs: [{ id: anId(), replays: 1, failed: true }] });
        expect(await next()).to.have.members([other, free]);
      });

      it('returns at most as many as requested', async () => {
        await many(5);
        expect(await next({}, 3)).to.have.lengthOf(3);
        expect(await next({}, 0)).to.deep.equal([]);
      });

      for (const filter of [{}, { code: 'delivery-failed' }, { to: 'clientB' }]) {
        it(`ends after returning each failure once, marked or skipped, by ${JSON.stringify(filter)}`, async () => {
          const ids = await many(47);
          const seen: string[] = [];
          for (let some = await next(filter, 5); some.length > 0; some = await next(filter, 5)) {
            seen.push(...some);
            await skip(some.filter((_, i) => i % 2 === 0));
            await take(some.filter((_, i) => i % 2 === 1));
          }
          expect(seen.sort()).to.deep.equal(ids.sort());
        });
      }

      it('returns an unmarked failure again, even long afterwards', async () => {
        const ids = await many(20);
        const lost = await next({}, 4);
        expect(await next({}, 4)).to.deep.equal(lost);
        await skip(lost.slice(1));
        for (let some = await next({}, 4); some.length > 0; some = await next({}, 4)) {
          const rest = some.filter((id) => id !== lost[0]);
          if (rest.length === 0) break;
          await skip(rest);
        }
        expect(await next()).to.deep.equal(lost.slice(0, 1));
        expect(ids).to.include(lost[0]);
      });

      it('finds a failure whose place is before the current position', async () => {
        const late = await many(1);
        await change(late, { state: 'replaying' });
        const ids = await fail(...Array.from({ length: 6 }, () => ({ failedAt: 9_000 })));
        await skip(await next({}, 3));
        await skip(await next({}, 3));
        await change(late, { state: 'unresolved' });
        expect(await next()).to.deep.equal(late);
        expect(ids).to.have.lengthOf(6);
      });
    });

    describe('with marks', () => {
      it('counts nothing for an unknown bulk replay', async () => {
        await skip(await many(1));
        const none = { published: 0, skipped: 0, failedAgain: 0, pending: 0 };
        expect(await used.store.sets.counts(anId())).to.deep.equal(none);
      });

      it('counts the results of all its failures', async () => {
        const ids = await many(15);
        const mark = (from: number, to: number, given: object): Promise<unknown> =>
          change(ids.slice(from, to), { jobs: [{ id: anId() }, { id: job, ...given }] });
        await take(ids.slice(1, 3));
        await mark(0, 1, {});
        await mark(1, 3, { replays: 1 });
        await mark(3, 6, { replays: 1, published: true });
        await mark(6, 10, { replays: 1, failed: true });
        await mark(10, 15, { replays: 2, published: true, failed: true });
        const counts = { published: 12, skipped: 1, failedAgain: 9, pending: 2 };
        expect(await used.store.sets.counts(job)).to.deep.equal(counts);
      });

      it('counts as skipped a failure that was forced or discarded before its publication was confirmed', async () => {
        const ids = await many(4);
        await take(ids);
        await change(ids.slice(0, 1), { replays: 2 });
        await used.store.ledger.amendAll(ids.slice(1, 3), ({ lease: _over, ...rest }) => ({
          ...rest,
          state: 'discarded',
        }));
        const counts = { published: 0, skipped: 3, failedAgain: 0, pending: 1 };
        expect(await used.store.sets.counts(job)).to.deep.equal(counts);
      });

      it('counts as published a failure that was forced or discarded after its publication was confirmed', async () => {
        const ids = await many(2);
        await change(ids, { replays: 1, jobs: [{ id: job, replays: 1, published: true }] });
        await change(ids.slice(0, 1), { state: 'replaying', replays: 2, lease: 9_000 });
        await change(ids.slice(1), { state: 'discarded' });
        const counts = { published: 2, skipped: 0, failedAgain: 0, pending: 0 };
        expect(await used.store.sets.counts(job)).to.deep.equal(counts);
      });

      it('counts a failure under its latest result', async () => {
        const ids = await many(1);
        await take(ids);
        expect(await used.store.sets.counts(job)).to.include({ pending: 1, published: 0 });
        await change(ids, { jobs: [{ id: job, replays: 1, published: true }] });
        expect(await used.store.sets.counts(job)).to.include({ pending: 0, published: 1 });
        await change(ids, { jobs: [] });
        expect(await used.store.sets.counts(job)).to.include({ pending: 0, published: 0 });
      });
    });

    describe('with leases', () => {
      it('finds leases that expired before now, the oldest first', async () => {
        const ids = await many(5);
        const leases = [300, 100, 500, 200];
        for (const [i, lease] of leases.entries())
          await change([ids[i] ?? ''], { state: 'replaying', lease });
        const overdue = async (now: number, limit = 10): Promise<string> =>
          (await used.store.sets.overdue(now, limit)).map((id) => ids.indexOf(id)).join(' ');
        expect(await overdue(500)).to.equal('1 3 0');
        expect(await overdue(501)).to.equal('1 3 0 2');
        expect(await overdue(501, 2)).to.equal('1 3');
        expect(await overdue(50)).to.equal('');
      });

      it('leaves out leases that ended or were extended', async () => {
        const ids = await many(2);
        await change(ids, { state: 'correcting', lease: 100 });
        await used.store.ledger.amend(ids[0] ?? '', ({ lease: _over, ...rest }) => rest);
        await change(ids.slice(1), { lease: 900 });
        expect(await used.store.sets.overdue(500, 10)).to.deep.equal([]);
        expect(await used.store.sets.overdue(901, 10)).to.deep.equal(ids.slice(1));
      });

      it('finds which of some failures have exactly one lease', async () => {
        const ids = await many(5);
        await change(ids.slice(0, 4), { state: 'replaying', lease: 100 });
        await change(ids.slice(2, 3), { lease: 101 });
        await used.store.ledger.amend(ids[3] ?? '', ({ lease: _over, ...rest }) => rest);
        expect(await used.store.sets.leased(ids.slice(1), 100)).to.deep.equal(ids.slice(1, 2));
        expect(await used.store.sets.leased(ids, 100)).to.have.members(ids.slice(0, 2));
        expect(await used.store.sets.leased(ids, 102)).to.deep.equal([]);
        expect(await used.store.sets.leased([], 100)).to.deep.equal([]);
      });
    });
  });
}
