import { expect } from 'chai';
import { DependencyUnavailable, DocumentRejected } from '../../../../src/application/errors.js';
import { aDeadLetter, aDelivery } from '../../../support/builders.js';
import { testMongoUri } from '../../../support/servers/test-servers.js';
import { startedHandle, type MongoHandle } from '../mongo-test-store.js';

const MIB = 1024 * 1024;

describe('Documents in MongoDB', function () {
  this.timeout(60_000);
  let store: MongoHandle;

  beforeEach(async () => {
    store = await startedHandle(await testMongoUri());
  });
  afterEach(async () => {
    await store.connection.use('writes', ({ client }) => client.db().dropDatabase());
    await store.close();
  });

  const failing = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

  for (const size of [16 * MIB, 20 * MIB, 60 * MIB]) {
    it(`are rejected above 16 MiB, such as a dead letter of ${String(size / MIB)} MiB`, async () => {
      const refused = await failing(store.ledger.settle([aDeadLetter({ value: Buffer.alloc(size, 'x') })]));
      expect(refused).to.be.instanceOf(DocumentRejected).with.property('code', 'document-too-large');
      expect(store.connection.status().state).to.equal('up');
    });
  }

  it('are rejected if they would grow above 16 MiB', async () => {
    const { letter } = aDeadLetter({ value: Buffer.alloc(15 * MIB, 'x') });
    await store.ledger.settle([{ kind: 'dead-letter', letter }]);
    const note = 'y'.repeat(2 * MIB);
    const refused = await failing(
      store.ledger.amend(letter.id, (failure) => ({
        ...failure,
        history: [{ at: 1, event: 'noted', note }],
      })),
    );
    expect(refused).to.be.instanceOf(DocumentRejected).with.property('code', 'document-too-large');
    expect((await store.archive.find(letter.id))?.failure?.history).to.have.lengthOf(1);
  });

  it('count as rejected too if a validator of the collection rejects them', async () => {
    await store.connection.use('writes', ({ client }) =>
      client.db().command({ collMod: 'postrider_messages', validator: { message: { $ne: 'forbidden' } } }),
    );
    const refused = await failing(store.ledger.settle([aDelivery(), aDelivery({ message: 'forbidden' })]));
    expect(refused).to.be.instanceOf(DocumentRejected).with.property('code', 'document-invalid');
    expect(await store.reader.page('clientB', 0, 10)).to.deep.equal([]);
  });

  it("are kept separate from another service's documents in the same database", async () => {
    await store.connection.use('writes', async ({ client }) => {
      await client.db().collection('messages').insertOne({ message: 'theirs' });
    });
    const restarted = await startedHandle(store.uri);
    await restarted.ledger.settle([aDelivery()]);
    const names = await restarted.connection.use('reads', async ({ client }) =>
      (await client.db().listCollections().toArray()).map(({ name }) => name),
    );
    await restarted.close();
    expect(names.filter((name) => !name.startsWith('postrider_'))).to.deep.equal(['messages']);
  });

  it('of an inbox are read by index only, without sorting', async () => {
    await store.ledger.settle(Array.from({ length: 200 }, (_, i) => aDelivery({ to: `c${String(i % 10)}` })));
    const explained = await store.connection.use('reads', ({ messages }) =>
      messages.find({ to: 'c1', number: { $gt: 0 } }, { sort: { number: 1 }, limit: 100 }).explain(),
    );
    const plan = /"winningPlan":(.*),"rejectedPlans"/.exec(JSON.stringify(explained))?.[1] ?? '';
    expect(plan).to.contain('to_1_number_1').and.not.contain('"SORT"').and.not.contain('COLLSCAN');
  });

  it('of inboxes are found by index if something is due, and those of readers by their names', async () => {
    const indexes = await store.connection.use('reads', async ({ inboxes, readers }) => ({
      inboxes: (await inboxes.indexes()).map(({ name }) => name),
      readers: (await readers.indexes()).map(({ name }) => name),
      readersName: readers.collectionName,
    }));
    expect(indexes).to.deep.equal({
      inboxes: ['_id_', 'oldest_1'],
      readers: ['_id_'],
      readersName: 'postrider_readers',
    });
    const plan = await store.connection.use('reads', async ({ inboxes }) =>
      JSON.stringify(await inboxes.find({ oldest: { $lt: 5 } }).explain()),
    );
    expect(plan).to.contain('oldest_1').and.not.contain('COLLSCAN');
  });

  it('of inboxes are not written by readers, because that would abort deliveries', async () => {
    await store.ledger.settle([aDelivery(), aDelivery()]);
    const inboxOf = (): Promise<unknown> =>
      store.connection.use('reads', ({ inboxes }) => inboxes.findOne({ _id: 'clientB' }));
    const before = await inboxOf();
    await store.positions.advance('clientB', 2);
    expect((await store.reader.state('clientB')).read).to.equal(2);
    expect(await inboxOf()).to.deep.equal(before);
  });

  it('never share a number in one inbox, whichever process wrote the first', async () => {
    await store.connection.use('writes', ({ messages }) =>
      messages.insertOne({ _id: '*probe', to: 'clientB', number: 1 }),
    );
    const failure = await failing(store.ledger.settle([aDelivery()]));
    expect(failure).to.have.property('code', 11000);
    expect(failure).not.to.be.instanceOf(DependencyUnavailable);
  });
});
