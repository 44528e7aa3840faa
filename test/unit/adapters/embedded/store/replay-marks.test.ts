import { expect } from 'chai';
import { newReplayJob } from '../../../../../src/domain/failures/replay-job.js';
import { aDeadLetter, anId } from '../../../../support/builders.js';
import { EmbeddedFolder, embeddedLedger } from '../../../../support/embedded/embedded.js';

describe('The embedded store, opened on a folder from an earlier version', () => {
  let folder: EmbeddedFolder;
  beforeEach(async () => {
    folder = await EmbeddedFolder.create();
  });
  afterEach(() => folder.remove());

  it('counts no failure as pending that was discarded while marked by a bulk replay', async () => {
    const store = await folder.open();
    const { ledger, jobs } = embeddedLedger(store, { now: Date.now });
    const job = anId();
    await jobs.insert(newReplayJob({ id: job, filter: {}, rate: 1, total: 2, createdAt: 0 }));
    const letters = [aDeadLetter(), aDeadLetter()];
    const [discarded = '', pending = ''] = letters.map(({ letter }) => letter.id);
    await ledger.settle(letters);
    const mark = { id: job, replays: 1 };
    await ledger.amendAll([discarded, pending], (failure) => ({
      ...failure,
      ...{ state: 'replaying', replays: 1, lease: 9_000, jobs: [mark] },
    }));
    // What the earlier version left: the failure was discarded, and its mark is still indexed as pending.
    await store.write('store', () => {
      const { failure, ...document } = store.tables.messages.get(discarded)!;
      const { lease: _over, ...rest } = failure!;
      void store.tables.messages.put(discarded, { ...document, failure: { ...rest, state: 'discarded' } });
    });
    const { sets } = embeddedLedger(await folder.open(), { now: Date.now });
    const counts = { published: 0, skipped: 1, failedAgain: 0, pending: 1 };
    expect(await sets.counts(job)).to.deep.equal(counts);
  });
});
