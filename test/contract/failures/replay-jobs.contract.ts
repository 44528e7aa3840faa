import { expect } from 'chai';
import { ended, leased, newReplayJob, type ReplayJob } from '../../../src/domain/failures/replay-job.js';
import { anId } from '../../support/builders.js';
import { useStore, type LedgerStoreFactory } from '../delivery/ledger/store.js';

/** Tests the obligations of a bulk replay store; see the port. */
export function replayJobsContract(name: string, factory: LedgerStoreFactory): void {
  describe(`${name} as a bulk replay store`, function () {
    this.timeout(30_000);
    const used = useStore(factory);

    const inserted = async (given: Partial<ReplayJob> = {}): Promise<ReplayJob> => {
      const job = newReplayJob({ id: anId(), filter: {}, rate: 1_000, total: 3, createdAt: 5_000, ...given });
      await used.store.jobs.insert(job);
      return job;
    };

    it('returns a bulk replay as it was stored, whatever its filter', async () => {
      const filter = { code: 'c', group: 'g', from: 'a.b', to: '$x', since: 1, until: 2 };
      for (const job of [await inserted(), await inserted({ filter, by: 'ops' })])
        expect(await used.store.jobs.find(job.id)).to.deep.equal(job);
    });

    it('returns nothing for an unknown id', async () => {
      await inserted();
      expect(await used.store.jobs.find(anId())).to.equal(undefined);
      expect(await used.store.jobs.change(anId(), (job) => job)).to.equal(undefined);
    });

    it('changes a bulk replay, and resolves with the result', async () => {
      const [job, untouched] = [await inserted(), await inserted()];
      const changed = await used.store.jobs.change(job.id, (current) => leased(current, 0, 10, 99));
      expect(changed).to.deep.equal({ ...job, lease: 99 });
      expect(await used.store.jobs.find(job.id)).to.deep.equal(changed);
      expect(await used.store.jobs.find(untouched.id)).to.deep.equal(untouched);
    });

    it('writes nothing if the change returns nothing', async () => {
      const job = await inserted();
      expect(await used.store.jobs.change(job.id, () => undefined)).to.equal(undefined);
      expect(await used.store.jobs.find(job.id)).to.deep.equal(job);
    });

    it('lists the running bulk replays, and none that has ended', async () => {
      const [running, done, cancelled] = [await inserted(), await inserted(), await inserted()];
      await used.store.jobs.change(done.id, (job) => ended(job, 'done', 7));
      await used.store.jobs.change(cancelled.id, (job) => ended(job, 'cancelled', 7));
      expect(await used.store.jobs.running()).to.deep.equal([running]);
      expect(await used.store.jobs.find(done.id)).to.deep.equal({ ...done, state: 'done', endedAt: 7 });
    });

    it('loses no update when many changes run concurrently', async () => {
      const { id } = await inserted({ total: 0 });
      const stores = [used.store, await used.store.other()];
      const changes = Array.from({ length: 30 }, (_, i) =>
        stores[i % 2]?.jobs.change(id, (job) => ({ ...job, total: job.total + 1 })),
      );
      const totals = (await Promise.all(changes)).map((job) => job?.total);
      expect(new Set(totals).size).to.equal(30);
      expect((await used.store.jobs.find(id))?.total).to.equal(30);
    });

    it('grants a lease to only one of many concurrent callers', async () => {
      const { id } = await inserted();
      const stores = [used.store, await used.store.other()];
      const asked = Array.from({ length: 10 }, (_, i) =>
        stores[i % 2]?.jobs.change(id, (job) => leased(job, 0, 10, 1_000 + i)),
      );
      expect((await Promise.all(asked)).filter((job) => job !== undefined)).to.have.lengthOf(1);
    });
  });
}
