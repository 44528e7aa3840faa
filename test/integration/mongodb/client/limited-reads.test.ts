import { expect } from 'chai';
import type { MongoServer } from '../../../../scripts/stack/server.js';
import { newMongo } from '../../../../scripts/stack/servers.js';
import { DependencyUnavailable, QueryTooSlow } from '../../../../src/application/errors.js';
import type { DependencyStatus } from '../../../../src/application/ports/dependency-health.js';
import { all } from '../../../contract/delivery/ledger/store.js';
import { aDeadLetter, aDelivery, anId } from '../../../support/builders.js';
import { startedHandle, type MongoHandle } from '../mongo-test-store.js';

const STATES = ['unresolved'] as const;

describe('A MongoDB that stops every query with a time limit', function () {
  this.timeout(60_000);
  let server: MongoServer;
  let store: MongoHandle;
  let statusBefore: DependencyStatus;

  before(async () => {
    server = await newMongo({ testCommands: true });
    await server.start();
    store = await startedHandle(`${server.address}/test-limited-reads?directConnection=true`);
    await store.ledger.settle([aDelivery(), aDelivery(), aDeadLetter()]);
    await store.connection.use('reads', ({ client }) =>
      client.db('admin').command({ configureFailPoint: 'maxTimeAlwaysTimeOut', mode: 'alwaysOn' }),
    );
    statusBefore = store.connection.status();
  });
  after(async () => {
    await store.close();
    await server.remove();
  });

  const limited: Readonly<Record<string, () => Promise<unknown>>> = {
    'a page of messages': () => all(store.archive.messages({ limit: 10 })),
    'a page of failures': () => all(store.archive.failures({ states: STATES, limit: 10 })),
    'the places of a page of messages': () => store.archive.messagePlaces({ limit: 10 }),
    'the places of a page of failures': () => store.archive.failurePlaces({ states: STATES, limit: 10 }),
    'a look-up of one id': () => store.archive.find(anId()),
    'a page of an inbox': () => store.reader.page('clientB', 0, 10),
    'the numbers of a page of an inbox': () => store.reader.numbers('clientB', 0, 10),
    'the state of an inbox': () => store.reader.state('clientB'),
    'a read position': () => store.positions.of('clientB'),
    'a bulk replay': () => store.jobs.find('job'),
  };
  for (const [what, read] of Object.entries(limited)) {
    it(`makes ${what} reject as too slow, and is still up`, async () => {
      const error: unknown = await read().catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(QueryTooSlow).with.nested.property('cause.code', 50);
      expect(store.connection.status()).to.include({ state: 'up' }).and.deep.equal(statusBefore);
    });
  }

  it('reads lists without a limit, counts and sweeps', async () => {
    expect(await all(store.archive.messages({}))).to.have.lengthOf(2);
    expect(await all(store.archive.failures({ states: STATES }))).to.have.lengthOf(1);
    expect(await store.archive.summary()).to.include({ open: 1 });
    expect(await store.groups.groups()).to.have.lengthOf(1);
    expect(await store.sweep.sweep(0)).to.equal(0);
    expect(await store.failureSweep.sweep(0)).to.equal(0);
  });

  it('is down for a read that needs a majority in time', async () => {
    const error: unknown = await store.reader.confirmedLast('clientB').catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(DependencyUnavailable);
    expect(store.connection.status()).to.include({ lastError: 'MaxTimeMSExpired' });
  });
});
