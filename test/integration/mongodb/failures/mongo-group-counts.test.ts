import { expect } from 'chai';
import { takeLease } from '../../../../src/domain/failures/lease.js';
import { groupCountStoreContract } from '../../../contract/failures/group-count-store.contract.js';
import { aGroup } from '../../../support/failures/counted-groups.js';
import { testMongoUri } from '../../../support/servers/test-servers.js';
import { mongoStoreFactory, startedHandle, type MongoHandle } from '../mongo-test-store.js';

groupCountStoreContract('MongoGroupCountStore', mongoStoreFactory(), { reopens: true });

describe('Group counts in MongoDB', () => {
  let store: MongoHandle;
  const counts = { asOf: 1, tookMs: 5, total: 1, groups: [aGroup(3)] };
  const take = async (): Promise<number> =>
    (await store.groupCounts.changeLease((lease) => takeLease(lease, 100, 10)))?.term ?? NaN;

  beforeEach(async () => {
    store = await startedHandle(await testMongoUri());
    await store.groupCounts.put(counts, await take());
  });
  afterEach(async () => {
    await store.connection.use('writes', ({ client }) => client.db().dropDatabase());
    await store.close();
  });

  it('are ignored if another version wrote them, until this version stores its own', async () => {
    await store.connection.use('writes', ({ groupCounts }) =>
      groupCounts.updateOne({}, { $set: { 'counts.version': 2, 'counts.value': 'something else' } }),
    );
    expect(await store.groupCounts.last()).to.equal(undefined);
    await store.groupCounts.put(counts, await take());
    expect(await store.groupCounts.last()).to.deep.equal(counts);
  });

  it('start again when the database was dropped', async () => {
    const term = await take();
    await store.connection.use('writes', ({ client }) => client.db().dropDatabase());
    expect(await store.groupCounts.last()).to.equal(undefined);
    expect(await store.groupCounts.put(counts, term)).to.equal(false);
    await store.groupCounts.put(counts, await take());
    expect(await store.groupCounts.last()).to.deep.equal(counts);
  });
});
