import { expect } from 'chai';
import { mongo } from 'mongoose';
import { MongoEarlierCollections } from '../../../src/adapters/mongodb/mongo-earlier-collections.js';
import type { EarlierKind } from '../../../src/application/ports/earlier-collections.js';
import { TestClock } from '../../contract/ledger/store.js';
import { earlierCollectionsContract } from '../../contract/earlier-collections.contract.js';
import { identities } from '../../support/builders.js';
import { EarlierStore } from './earlier-store.js';

const NAMES = { messages: 'messages', failures: 'failedmessages' };

async function opened(clock = new TestClock()) {
  const store = await EarlierStore.open();
  const { connection } = store.store;
  const documentsOf = (name: string): Promise<mongo.Document[]> =>
    connection.use('reads', ({ client }) =>
      client.db().collection(name).find({}, { promoteValues: false }).sort({ _id: 1 }).toArray(),
    );
  const collections = new MongoEarlierCollections(connection, identities, clock);
  return {
    store,
    collections,
    documentsOf,
    aside: (kind: EarlierKind) => documentsOf(`${NAMES[kind]}_taken_over`),
  };
}

earlierCollectionsContract('MongoEarlierCollections', async () => {
  const { store, collections, aside } = await opened();
  return {
    collections,
    insert: (kind, ...samples) =>
      store[kind](...samples.map(({ id, ...texts }) => ({ _id: new mongo.ObjectId(id), ...texts }))),
    aside: async (kind) => (await aside(kind)).map(({ _id }) => String(_id)),
    close: () => store.drop(),
  };
});

describe("The NestJS service's collections", function () {
  this.timeout(30_000);
  const clock = new TestClock();
  let used: Awaited<ReturnType<typeof opened>>;
  beforeEach(async () => (used = await opened(clock)));
  afterEach(() => used.store.drop());

  it('are set aside as they are, whatever is in them', async () => {
    const odd = {
      n: new mongo.Long(7),
      d: new mongo.Double(1),
      b: new mongo.Binary(Buffer.from('x')),
      nested: { a: [null] },
    };
    await used.store.messages({ _id: new mongo.ObjectId(), from: 'a', ...odd });
    const before = await used.documentsOf('messages');
    await used.collections.setAside('messages', await used.collections.first('messages', 9));
    expect(await used.aside('messages')).to.deep.equal(before);
    expect(await used.documentsOf('messages')).to.deep.equal([]);
  });

  it('have the time of send_time, or else of the ObjectId', async () => {
    const send_time = 'Fri Nov 20 2026 07:00:05 GMT+0100 (Central European Standard Time)';
    const made = mongo.ObjectId.createFromTime(1_700_000_000);
    await used.store.messages(
      { _id: made },
      { _id: mongo.ObjectId.createFromTime(1_700_000_001), send_time },
    );
    const items = await used.collections.first('messages', 9);
    expect(items.map(({ letter }) => letter.sentAt)).to.deep.equal([
      1_700_000_000_000,
      Date.UTC(2026, 10, 20, 6, 0, 5),
    ]);
  });

  it('tell the reason of a failure, and when it failed', async () => {
    const failedAt = new Date(1_700_000_000_123);
    await used.store.failures({ _id: new mongo.ObjectId(), reason: 'no room', failedAt });
    const [item] = await used.collections.first('failures', 1);
    expect(item?.letter).to.include({
      reason: 'no room',
      failedAt: 1_700_000_000_123,
      disposition: 'rejected',
    });
    expect(item?.letter).to.include({ code: 'foreign-dead-letter' }).and.not.have.property('origin');
  });

  it('may have ids of any kind: each stays one message, of its collection', async () => {
    const keys = [7, 'seven', { a: 7 }];
    await used.store.messages(...keys.map((key) => ({ _id: key, from: 'a', to: 'b', message: 'x' })));
    await used.store.failures({ _id: 7, from: 'a', to: 'b', message: 'y' });
    const read = async (kind: EarlierKind) =>
      (await used.collections.first(kind, 9)).map(({ letter }) => letter.id);
    const ids = await read('messages');
    expect(new Set([...ids, ...(await read('failures'))]).size).to.equal(4);
    for (const id of ids) expect(id).to.match(/^[0-9a-f]{24}$/);
    expect(await read('messages')).to.deep.equal(ids);
    const items = await used.collections.first('messages', 9);
    expect(items[0]?.letter.sentAt).to.equal(clock.time);
    await used.collections.setAside('messages', items);
    expect(await used.collections.count('messages')).to.equal(0);
    expect(await used.aside('messages')).to.have.lengthOf(3);
  });
});
