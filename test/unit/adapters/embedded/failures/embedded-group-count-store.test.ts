import { expect } from 'chai';
import { EmbeddedGroupCountStore } from '../../../../../src/adapters/embedded/failures/embedded-group-count-store.js';
import { takeLease } from '../../../../../src/domain/failures/lease.js';
import { aGroup } from '../../../../support/failures/counted-groups.js';
import { EmbeddedFolder } from '../../../../support/embedded/embedded.js';

describe('Group counts in an embedded store', () => {
  let folder: EmbeddedFolder;
  const counts = { asOf: 1, tookMs: 5, total: 1, groups: [aGroup(3)] };
  const take = async (store: EmbeddedGroupCountStore): Promise<number | undefined> =>
    (await store.changeLease((lease) => takeLease(lease, 100, 10)))?.term;

  beforeEach(async () => {
    folder = await EmbeddedFolder.create();
  });
  afterEach(() => folder.remove());

  it('are ignored if another version wrote them, until this version stores its own', async () => {
    const opened = await folder.open();
    await opened.tables.groupCounts.put('last', { version: 2, value: counts });
    const store = new EmbeddedGroupCountStore(opened);
    expect(await store.last()).to.equal(undefined);
    await store.put(counts, (await take(store)) ?? NaN);
    expect(await store.last()).to.deep.equal(counts);
  });

  it('can be counted again at once after the counting process died', async () => {
    const store = new EmbeddedGroupCountStore(await folder.open());
    expect(await take(store)).to.equal(1);
    expect(await take(store)).to.equal(undefined);
    const next = new EmbeddedGroupCountStore(await folder.open());
    expect(await take(next)).to.equal(1);
  });
});
