import { expect } from 'chai';
import { OptimisticReads } from '../../../../src/adapters/mongodb/delivery/optimistic-reads.js';
import { aDeadLetter, aDelivery, deadLetterOf } from '../../../support/builders.js';
import { testMongoUri } from '../../../support/servers/test-servers.js';
import { startedHandle, type MongoHandle } from '../mongo-test-store.js';

describe('A MongoDB ledger with optimistic reads', function () {
  this.timeout(60_000);
  let store: MongoHandle;
  let other: MongoHandle;
  let commands: string[];

  beforeEach(async () => {
    const uri = await testMongoUri();
    store = await startedHandle(`${uri}&monitorCommands=true`, undefined, new OptimisticReads(0));
    other = await startedHandle(uri);
    commands = [];
    await store.connection.use('reads', ({ client }) => {
      client.on('commandStarted', ({ commandName, command }) => {
        const { txnNumber } = command as { txnNumber?: unknown };
        if (txnNumber !== undefined) commands.push(commandName);
      });
      return Promise.resolve();
    });
  });
  afterEach(async () => {
    await Promise.all([store.close(), other.close()]);
  });

  it('reads nothing if all ids are new and the inbox ends where this process left it', async () => {
    await store.ledger.settle([aDelivery({ to: 'reads-nothing' })]);
    commands.splice(0);
    const outcomes = await store.ledger.settle([aDelivery({ to: 'reads-nothing' })]);
    expect(outcomes).to.deep.equal([{ kind: 'stored', number: 2 }]);
    expect(commands).to.deep.equal(['update', 'insert', 'commitTransaction']);
  });

  it('continues where another process left the inbox', async () => {
    const to = 'left-elsewhere';
    await store.ledger.settle([aDelivery({ to })]);
    await other.ledger.settle([aDelivery({ to }), aDelivery({ to })]);
    expect(await store.ledger.settle([aDelivery({ to })])).to.deep.equal([{ kind: 'stored', number: 4 }]);
    const page = await store.reader.page(to, 0, 10);
    expect(page.map(({ number }) => number)).to.deep.equal([1, 2, 3, 4]);
  });

  it('finds messages that another process stored, and failures that it recorded', async () => {
    const [stored, failed] = [aDelivery({ to: 'known' }), aDelivery({ to: 'known' })];
    await store.ledger.settle([aDelivery({ to: 'known' })]);
    await other.ledger.settle([stored, deadLetterOf(failed)]);
    const outcomes = await store.ledger.settle([stored, failed, aDelivery({ to: 'known' })]);
    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(['duplicate', 'duplicate', 'stored']);
    expect((await store.reader.state('known')).last).to.equal(3);
  });

  it('reads first for dead letters and replays, whose ids are probably known', async () => {
    await store.ledger.settle([aDeadLetter({ to: 'likely' })]);
    await store.ledger.settle([aDelivery({ to: 'likely', replays: 1 })]);
    expect(commands.filter((command) => command === 'find')).to.have.lengthOf(4);
  });

  it('reads only the ids of replays to an inbox that ends where this process left it', async () => {
    const letter = aDeadLetter({ to: 'replayed' });
    await store.ledger.settle([letter, aDelivery({ to: 'replayed' })]);
    commands.splice(0);
    const replay = aDelivery({ ...letter.letter, replays: 1 });
    expect(await store.ledger.settle([replay])).to.deep.equal([{ kind: 'stored', number: 2 }]);
    expect(commands).to.deep.equal(['find', 'update', 'update', 'commitTransaction']);
  });

  it('reads optimistically again after replays, which are always known', async () => {
    const letter = aDeadLetter({ to: 'replays' });
    await store.ledger.settle([letter]);
    await store.ledger.settle([aDelivery({ ...letter.letter, replays: 1 })]);
    commands.splice(0);
    await store.ledger.settle([aDelivery({ to: 'replays' })]);
    expect(commands).to.deep.equal(['update', 'insert', 'commitTransaction']);
  });

  it('reads first after it found a known id, until it has found none for a while', async () => {
    const presumptions = new OptimisticReads(2);
    const isNew = (): boolean => presumptions.areNew([aDelivery()]);
    const settled = { outcomes: [], stored: [], failures: [], inboxes: new Map() };
    const seen = [isNew()];
    for (const metKnown of [false, false, true, false, false]) {
      presumptions.learn(settled, metKnown);
      seen.push(isNew());
    }
    expect(seen).to.deep.equal([false, false, true, false, false, true]);
  });
});
