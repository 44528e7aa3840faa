import { expect } from 'chai';
import type { MongoServer } from '../../../../scripts/stack/server.js';
import { newMongo } from '../../../../scripts/stack/servers.js';
import { aDelivery } from '../../../support/builders.js';
import { startedHandle, type MongoHandle } from '../mongo-test-store.js';

const DATABASE = '/test-left?directConnection=true';

describe('A transaction left open by a process that died', function () {
  this.timeout(60_000);
  let server: MongoServer;
  const opened: MongoHandle[] = [];

  before(async () => {
    server = await newMongo({ auth: true });
    await server.start();
    const admin = await startedHandle(server.adminAddress + DATABASE.replace('?', '?authSource=admin&'));
    opened.push(admin);
    await admin.connection.use('writes', ({ client }) =>
      client.db().command({ createUser: 'postrider', pwd: 'secret', roles: ['readWrite'] }),
    );
  });
  after(async () => {
    await Promise.all(opened.map((handle) => handle.close()));
    await server.remove();
  });

  it('delays its recipient for seconds, not for the minute until it expires, whatever rights its user has', async () => {
    const address = server.address.replace('//', '//postrider:secret@') + DATABASE;
    const [dead, living] = [await startedHandle(address), await startedHandle(address)];
    opened.push(dead, living);
    await dead.connection.use('writes', async ({ client, inboxes }) => {
      const session = client.startSession();
      session.startTransaction();
      await inboxes.updateOne({ _id: 'clientB' }, { $inc: { revision: 1 } }, { session, upsert: true });
    });

    const before = Date.now();
    const entry = aDelivery();
    let outcomes: unknown;
    while (outcomes === undefined) outcomes = await living.ledger.settle([entry]).catch(() => undefined);
    expect(outcomes).to.deep.equal([{ kind: 'stored', number: 1 }]);
    expect(Date.now() - before).to.be.within(2_000, 15_000);
  });
});
