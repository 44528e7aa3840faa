import { expect } from 'chai';
import { freePort } from '../../../../scripts/stack/free-port.js';
import type { MongoOptions, MongoServer } from '../../../../scripts/stack/server.js';
import { newMongo } from '../../../../scripts/stack/servers.js';
import { StandaloneServer } from '../../../../src/adapters/mongodb/client/standalone-server.js';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { aDelivery } from '../../../support/builders.js';
import { mongoHandle, startedHandle, type MongoHandle } from '../mongo-test-store.js';

const DATABASE = '/test-connection?directConnection=true';

/** Waits for another process or the network, up to half a minute. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await condition());) {
    if (Date.now() > end) throw new Error('the condition was not met in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const failing = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('A connection to MongoDB', function () {
  this.timeout(120_000);
  const opened: { close(): Promise<unknown> }[] = [];
  const servers: MongoServer[] = [];

  const server = async (options: MongoOptions = {}): Promise<MongoServer> => {
    const created = await newMongo(options);
    servers.push(created);
    return created;
  };
  const handle = (address: string): MongoHandle => {
    const made = mongoHandle(`${address}${DATABASE}`);
    opened.push(made);
    return made;
  };

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
    await Promise.all(servers.splice(0).map((each) => each.remove()));
  });

  it('rejects a standalone server at start, and says how it becomes a replica set', async () => {
    const standalone = await server({ replicaSet: false });
    await standalone.start();
    for (const query of [DATABASE, '/test-connection', '/test-connection?replicaSet=rs0']) {
      const { connection, fatal } = mongoHandle(`${standalone.address}${query}`);
      const refused = await failing(connection.start());
      await connection.close();
      expect(refused).to.be.instanceOf(StandaloneServer);
      expect(String(refused)).to.contain('mongod --replSet rs0').and.contain('rs.initiate()');
      expect(fatal).to.deep.equal([]);
    }
  });

  it('reports once a standalone server that was unreachable at start', async () => {
    const standalone = await server({ replicaSet: false });
    const { connection, fatal, ledger } = handle(standalone.address);
    await connection.start();
    expect(fatal).to.deep.equal([]);
    await standalone.start();
    await until(() => fatal.length > 0);
    expect(fatal).to.have.lengthOf(1);
    expect(fatal[0]).to.be.instanceOf(StandaloneServer);
    expect(await failing(ledger.probe())).to.be.instanceOf(DependencyUnavailable);
    expect(connection.status()).to.include({ state: 'down', lastError: 'StandaloneServer' });
  });

  it('starts without a server, logs that, and connects when there is one', async () => {
    const late = await server();
    const { connection, ledger, archive, reader, logger } = handle(late.address);
    await connection.start();
    expect(connection.status()).to.include({ state: 'down', lastError: 'MongoServerSelectionError' });
    expect(logger.events()).to.include('store.connect-failed');
    expect(await failing(ledger.settle([aDelivery()]))).to.be.instanceOf(DependencyUnavailable);
    expect(await failing(reader.page('clientB', 0, 1))).to.be.instanceOf(DependencyUnavailable);
    expect(await failing(archive.messages({})[Symbol.asyncIterator]().next())).to.be.instanceOf(
      DependencyUnavailable,
    );

    await late.start();
    await until(() => connection.status().state === 'up');
    expect(await ledger.settle([aDelivery()])).to.deep.equal([{ kind: 'stored', number: 1 }]);
  });

  it('dead-letters nothing while the server is down, and continues when it is back', async () => {
    const mongo = await server();
    await mongo.start();
    const { connection, ledger, archive, reader } = handle(mongo.address);
    await connection.start();
    expect(connection.status()).to.include({ state: 'up' }).and.not.to.have.property('lastError');
    await ledger.settle(Array.from({ length: 500 }, () => aDelivery()));
    await ledger.settle(Array.from({ length: 500 }, () => aDelivery()));
    const rows = archive.messages({})[Symbol.asyncIterator]();
    await rows.next();

    await mongo.kill();
    expect(await failing(ledger.settle([aDelivery()]))).to.be.instanceOf(DependencyUnavailable);
    expect(await failing(ledger.probe())).to.be.instanceOf(DependencyUnavailable);
    expect(await failing(archive.summary())).to.be.instanceOf(DependencyUnavailable);
    const cutOff = (async () => {
      while (!(await rows.next()).done);
    })();
    expect(await failing(cutOff)).to.be.instanceOf(DependencyUnavailable);
    expect(connection.status()).to.include({ state: 'down' });

    await mongo.start();
    await until(async () => !((await failing(ledger.probe())) instanceof Error));
    expect((await ledger.settle([aDelivery()]))[0]).to.deep.equal({ kind: 'stored', number: 1_001 });
    expect(await reader.page('clientB', 1_000, 10)).to.have.lengthOf(1);
    await until(() => connection.status().state === 'up');
  });

  it('recovers by itself even without calls', async () => {
    const mongo = await server();
    await mongo.start();
    const { connection, archive } = handle(mongo.address);
    await connection.start();
    await mongo.stop();
    expect(await failing(archive.summary())).to.be.instanceOf(DependencyUnavailable);
    await mongo.start();
    await until(() => connection.status().state === 'up');
  });

  it('gives up within half a minute on a server that is reachable but does not answer', async () => {
    const mongo = await server();
    await mongo.start();
    const { connection, ledger } = handle(mongo.address);
    await connection.start();
    await mongo.pause();
    const before = Date.now();
    expect(await failing(ledger.settle([aDelivery()]))).to.be.instanceOf(DependencyUnavailable);
    expect(Date.now() - before).to.be.lessThan(31_000);
    await mongo.resume();
    await until(async () => !((await failing(ledger.probe())) instanceof Error));
  });

  it('treats lost rights as an outage, for reads and for writes', async () => {
    const mongo = await server({ auth: true });
    await mongo.start();
    const admin = await startedHandle(mongo.adminAddress + DATABASE.replace('?', '?authSource=admin&'));
    opened.push(admin);
    const grant = (...roles: string[]): Promise<unknown> =>
      admin.connection.use('writes', ({ client }) => client.db().command({ updateUser: 'postrider', roles }));
    await admin.connection.use('writes', ({ client }) =>
      client.db().command({ createUser: 'postrider', pwd: 'secret', roles: ['readWrite'] }),
    );
    const { connection, ledger, archive } = handle(mongo.address.replace('//', '//postrider:secret@'));
    await connection.start();
    await ledger.settle([aDelivery()]);

    await grant('read');
    expect(await failing(ledger.settle([aDelivery()]))).to.be.instanceOf(DependencyUnavailable);
    expect(await failing(ledger.probe())).to.be.instanceOf(DependencyUnavailable);
    expect(await archive.summary()).to.deep.equal({ open: 0 });
    expect(connection.status()).to.include({ state: 'down', lastError: 'Unauthorized' });
    await grant();
    expect(await failing(archive.summary())).to.be.instanceOf(DependencyUnavailable);

    await grant('readWrite');
    await until(() => connection.status().state === 'up');
    expect((await ledger.settle([aDelivery()]))[0]).to.deep.equal({ kind: 'stored', number: 2 });
  });

  it('waits for a password to be accepted, as for a server that is down', async () => {
    const mongo = await server({ auth: true });
    await mongo.start();
    const { connection } = handle(mongo.address.replace('//', '//nobody:wrong@'));
    await connection.start();
    expect(connection.status()).to.include({ state: 'down', lastError: 'AuthenticationFailed' });
  });

  it('can be closed twice, also before it was opened', async () => {
    const store = mongoHandle(`mongodb://127.0.0.1:${String(await freePort())}${DATABASE}`);
    const { connection } = store;
    const starting = connection.start();
    await store.close();
    await store.close();
    await starting;
    expect(connection.status().state).to.equal('down');
    expect(await failing(connection.use('reads', () => Promise.resolve()))).to.be.instanceOf(
      DependencyUnavailable,
    );
  });

  it('rejects an invalid URI', async () => {
    const { connection } = mongoHandle('mongo://127.0.0.1/test');
    expect(await failing(connection.start())).to.have.property('name', 'MongoParseError');
  });
});
