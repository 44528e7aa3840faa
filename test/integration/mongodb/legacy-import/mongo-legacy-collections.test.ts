import { expect } from 'chai';
import { mongo } from 'mongoose';
import { MongoLegacyCollections } from '../../../../src/adapters/mongodb/legacy-import/mongo-legacy-collections.js';
import type { LegacyKind } from '../../../../src/application/ports/legacy.js';
import { TestClock } from '../../../contract/delivery/ledger/store.js';
import { legacyCollectionsContract } from '../../../contract/legacy-import/legacy-collections.contract.js';
import { identities } from '../../../support/builders.js';
import { LegacyStore } from './legacy-store.js';

const NAMES = { messages: 'messages', failures: 'messagedlqs' };

async function opened(clock = new TestClock()) {
  const store = await LegacyStore.open();
  const { connection } = store.store;
  const documentsOf = (name: string): Promise<mongo.Document[]> =>
    connection.use('reads', ({ client }) =>
      client.db().collection(name).find({}, { promoteValues: false }).sort({ _id: 1 }).toArray(),
    );
  const collections = new MongoLegacyCollections(connection, identities, clock);
  return {
    store,
    collections,
    documentsOf,
    aside: (kind: LegacyKind) => documentsOf(`${NAMES[kind]}_taken_over`),
  };
}

legacyCollectionsContract('MongoEarlierCollections', async () => {
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

  it('are set aside unchanged, whatever they contain', async () => {
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

  it('have the time of send_time, or otherwise of the ObjectId', async () => {
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

  it('contain the reason of a failure, and when it failed', async () => {
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

  it('may have ids of any type, and each document stays one message in its collection', async () => {
    const keys = [7, 'seven', { a: 7 }];
    await used.store.messages(...keys.map((key) => ({ _id: key, from: 'a', to: 'b', message: 'x' })));
    await used.store.failures({ _id: 7, from: 'a', to: 'b', message: 'y' });
    const read = async (kind: LegacyKind) =>
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

  it('are read under both names that the failed messages may have, and set aside separately', async () => {
    const [dlq, old] = [1, 2].map((n) => ({
      _id: new mongo.ObjectId(),
      reason: 'no room',
      message: String(n),
    }));
    await used.store.insert('failedmessages', [old!]);
    await used.store.insert('messagedlqs', [dlq!]);
    expect(await used.collections.count('failures')).to.equal(2);
    const [first, ...others] = await used.collections.first('failures', 1);
    expect(others).to.deep.equal([]);
    await used.collections.setAside('failures', [first!]);
    expect(await used.collections.count('failures')).to.equal(1);
    await used.collections.setAside('failures', await used.collections.first('failures', 9));
    expect(await used.collections.count('failures')).to.equal(0);
    for (const [name, document] of [['messagedlqs', dlq] as const, ['failedmessages', old] as const])
      expect(await used.documentsOf(`${name}_taken_over`))
        .to.have.nested.property('[0]._id')
        .eql(document!._id);
  });

  it('are not mixed up if both failure collections have the same _id', async () => {
    const both = [{ _id: 7, from: 'a', to: 'b', message: 'x', reason: 'r' }];
    await used.store.insert('failedmessages', both);
    await used.store.insert('messagedlqs', both);
    const first = await used.collections.first('failures', 9);
    await used.collections.setAside('failures', first);
    expect(await used.collections.count('failures')).to.equal(1);
    const second = await used.collections.first('failures', 9);
    expect(new Set([...first, ...second].map(({ letter }) => letter.id)).size).to.equal(2);
  });

  it('include the names of other collections that look like failed messages', async () => {
    const failed = { from: 'a', to: 'b', message: 'x', reason: 'no room', failedAt: 'then' };
    for (const name of ['messagedlqs', 'failedmessages', 'failures', 'dead.letters'])
      await used.store.insert(name, [{ ...failed }]);
    await used.store.insert('orders', [{ reason: 'late' }, { failedAt: 'now' }]);
    await used.store.store.connection.use('writes', async ({ client }) => {
      await client.db().createCollection('view', { viewOn: 'failures', pipeline: [] });
    });
    await used.collections.setAside('failures', await used.collections.first('failures', 9));
    expect(await used.collections.notImported()).to.deep.equal(['dead.letters', 'failures']);
  });
});
