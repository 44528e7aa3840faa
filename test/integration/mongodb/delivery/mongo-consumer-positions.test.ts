import { expect } from 'chai';
import {
  MongoConsumerPositions,
  positionsOf,
} from '../../../../src/adapters/mongodb/delivery/mongo-consumer-positions.js';
import { consumerPositionsContract } from '../../../contract/delivery/consumer-positions.contract.js';
import { testMongoUri } from '../../../support/servers/test-servers.js';
import { startedHandle, type MongoHandle } from '../mongo-test-store.js';

const opened: MongoHandle[] = [];

async function open(uri: string): Promise<MongoHandle> {
  const handle = await startedHandle(uri);
  opened.push(handle);
  return handle;
}

consumerPositionsContract('MongoConsumerPositions', async () => {
  const uri = await testMongoUri();
  const { connection, ledger } = await open(uri);
  return {
    ledger,
    positions: new MongoConsumerPositions(connection),
    other: async () => new MongoConsumerPositions((await open(uri)).connection),
    close: async () => {
      await Promise.all(opened.splice(0).map((handle) => handle.close()));
    },
  };
});

describe('Documents of consumer positions', () => {
  let handle: MongoHandle;

  before(async () => {
    handle = await startedHandle(await testMongoUri());
  });
  after(() => handle.close());

  it('have one document for each group, topic and partition, found by index', async () => {
    const positions = new MongoConsumerPositions(handle.connection);
    const position = { next: 7, lost: 0, last: { offset: 6, hash: 'abc' } };
    const rows = [0, 1].map((partition) => ({ group: 'receiver', topic: 'mail', partition, position }));
    await positions.of('receiver', 'mail');
    await positions.advance(rows);
    const found = await handle.connection.use('reads', async (store) => ({
      name: store.positions.collectionName,
      documents: await store.positions.find().sort({ _id: 1 }).toArray(),
    }));
    const plan = JSON.stringify(
      await handle.connection.use('reads', (store) => positionsOf(store, 'receiver', 'mail').explain()),
    );
    expect(plan).to.contain('IXSCAN').and.not.contain('COLLSCAN');
    const [origin, ...documents] = found.documents;
    expect(found.name).to.equal('postrider_positions');
    expect(origin).to.deep.equal({ _id: 'origin', empty: true });
    expect(documents).to.deep.equal(
      [0, 1].map((partition) => ({ _id: { group: 'receiver', topic: 'mail', partition }, ...position })),
    );
  });
});
