import { expect } from 'chai';
import { SystemClock } from '../../../src/adapters/system/system-clock.js';
import { GroupCounter, STORED_GROUPS_MAX } from '../../../src/application/failures/group-counter.js';
import {
  type FailureGroups,
  type GroupSummary,
  NO_COUNTING_LEASE,
  type CountingLease,
  type GroupCounts,
  type GroupCountStore,
} from '../../../src/application/ports/failures.js';
import { takeLease } from '../../../src/domain/failures/lease.js';
import { aGroup } from '../../support/failures/counted-groups.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { useStore, type LedgerFeatures, type LedgerStoreFactory } from '../delivery/ledger/store.js';

const NOW = 1_700_000_000_000;
const LASTS_MS = 20_000;
const REASON_MAX_LENGTH = 300;

const countsOf = (...groups: GroupSummary[]): GroupCounts => ({
  ...{ asOf: NOW, tookMs: 5, total: groups.length, groups },
});

/** Tests the obligations of a group count store; see the port. */
export function groupCountStoreContract(
  name: string,
  factory: LedgerStoreFactory,
  { reopens }: LedgerFeatures,
): void {
  describe(`${name} as a group count store`, function () {
    this.timeout(30_000);
    const used = useStore(factory);
    const both = async (): Promise<GroupCountStore[]> => [
      used.store.groupCounts,
      (await used.store.other()).groupCounts,
    ];
    const lease = async (of = used.store.groupCounts): Promise<CountingLease | undefined> => {
      let found: CountingLease | undefined;
      await of.changeLease((current) => {
        found = current;
        return undefined;
      });
      return found;
    };
    const take = async (of = used.store.groupCounts): Promise<number> =>
      (await of.changeLease((current) => takeLease(current, NOW, LASTS_MS)))?.term ?? NaN;

    it('starts without counts or lease, and changes nothing if the change returns undefined', async () => {
      expect(await used.store.groupCounts.last()).to.equal(undefined);
      expect(await lease()).to.deep.equal(NO_COUNTING_LEASE);
      expect(await used.store.groupCounts.changeLease(() => undefined)).to.equal(undefined);
      expect(await lease()).to.deep.equal(NO_COUNTING_LEASE);
    });

    it('returns the last stored counts, to every process', async () => {
      const counts = countsOf(
        { ...aGroup(2 ** 40), reason: 'a.b $x', oldest: { id: 'an-id', at: NOW } },
        { ...aGroup(1, 'l'), isRefused: true },
      );
      expect(await used.store.groupCounts.put(countsOf(aGroup(1)), await take())).to.equal(true);
      expect(await used.store.groupCounts.put(counts, await take())).to.equal(true);
      for (const store of await both()) expect(await store.last()).to.deep.equal(counts);
    });

    it('ends the lease when counts are stored, and returns the term in which they were counted', async () => {
      const term = await take();
      expect(await lease()).to.deep.equal({ term, until: NOW + LASTS_MS, counted: 0 });
      await used.store.groupCounts.put(countsOf(), term);
      for (const store of await both())
        expect(await lease(store)).to.deep.equal({ term, until: 0, counted: term });
      const next = await take();
      expect(await lease()).to.deep.equal({ term: next, until: NOW + LASTS_MS, counted: term });
    });

    it('discards the counts of an older term', async () => {
      const [old] = await both();
      const term = await take(old);
      await used.store.groupCounts.changeLease((current) => takeLease(current, NOW + LASTS_MS, LASTS_MS));
      const before = await lease();
      expect(await old?.put(countsOf(aGroup(1)), term)).to.equal(false);
      expect(await used.store.groupCounts.last()).to.equal(undefined);
      expect(await lease()).to.deep.equal(before);
    });

    it('loses no update when many lease changes run concurrently', async () => {
      const stores = await both();
      const changes = Array.from({ length: 30 }, (_, i) =>
        stores[i % 2]?.changeLease((current) => ({ ...current, term: current.term + 1 })),
      );
      await Promise.all(changes);
      expect((await lease())?.term).to.equal(30);
    });

    it('grants the lease to only one of many concurrent callers', async () => {
      const stores = await both();
      const requests = Array.from({ length: 10 }, (_, i) =>
        stores[i % 2]?.changeLease((current) => takeLease(current, NOW + i, LASTS_MS)),
      );
      expect((await Promise.all(requests)).filter((taken) => taken !== undefined)).to.have.lengthOf(1);
    });

    it('stores the largest number of groups, with the longest texts', async () => {
      const texts = { code: 'c'.repeat(64), reason: '\uffff'.repeat(REASON_MAX_LENGTH) };
      const groups = Array.from({ length: STORED_GROUPS_MAX }, (_, at) => ({
        ...{ ...aGroup(at, `${String(at)}-`.padEnd(24, 'k')), ...texts },
      }));
      expect(await used.store.groupCounts.put(countsOf(...groups), await take())).to.equal(true);
      expect((await used.store.groupCounts.last())?.groups).to.deep.equal(groups);
    });

    it('lets two processes count alternately, never concurrently', async () => {
      const source = new WatchedSource();
      const counters = (await both()).map(
        (store) => new GroupCounter(source, store, new SystemClock(), new RecordingLogger()),
      );
      const requests = counters.map(async (counter) => {
        const counts: number[] = [];
        for (let n = 0; n < 8; n += 1) counts.push((await counter.count()).counts.groups[0]?.count ?? NaN);
        return counts;
      });
      for (const counts of await Promise.all(requests)) {
        expect(counts).to.deep.equal([...counts].sort((a, b) => a - b));
        // The counts of the other process may be returned twice.
        expect(new Set(counts).size).to.be.at.least(counts.length / 2);
      }
      expect(source.most).to.equal(1);
    });

    if (reopens) {
      it('keeps counts across a restart', async () => {
        const counts = countsOf(aGroup(3));
        await used.store.groupCounts.put(counts, await take());
        const { groupCounts } = await used.store.reopen();
        expect(await groupCounts.last()).to.deep.equal(counts);
      });
    }
  });
}

/** Tracks how often it counted, and how many counts ran concurrently. */
class WatchedSource implements FailureGroups {
  most = 0;
  private now = 0;
  private made = 0;

  async groups(): Promise<readonly GroupSummary[]> {
    this.now += 1;
    this.most = Math.max(this.most, this.now);
    await new Promise((resolve) => setTimeout(resolve, 15));
    this.now -= 1;
    this.made += 1;
    return [aGroup(this.made)];
  }
}
