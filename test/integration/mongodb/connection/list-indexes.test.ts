import { expect } from 'chai';
import type { mongo } from 'mongoose';
import { ListIndexes } from '../../../../src/adapters/mongodb/connection/list-indexes.js';
import {
  conflictSearch,
  failureSearch,
  messageSearch,
  type Search,
} from '../../../../src/adapters/mongodb/inbox/list-search.js';
import { cursorAt } from '../../../../src/application/inbox/list-order.js';
import type { ListCursor, ListedMessage, MessageQuery } from '../../../../src/application/ports/archive.js';
import { all } from '../../../contract/delivery/ledger/store.js';
import { aDeadLetter, aDelivery } from '../../../support/builders.js';
import { eventually } from '../../../support/eventually.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { testMongoUri } from '../../../support/servers/test-servers.js';
import { startedHandle, type MongoHandle } from '../mongo-test-store.js';

const COUNT = 3_000;
const PAGE = 100;
/** The indexes of the version before lists were ordered by number. */
const LEGACY: readonly mongo.IndexDescription[] = [
  { key: { sentAt: 1, _id: 1 } },
  { key: { to: 1, sentAt: 1, _id: 1 } },
  { key: { from: 1, sentAt: 1, _id: 1 } },
];
const LEGACY_NAMES = ['sentAt_1__id_1', 'to_1_sentAt_1__id_1', 'from_1_sentAt_1__id_1'];
const NAMES = [
  ...['sentAt_1_number_1__id_1', 'to_1_sentAt_1_number_1__id_1', 'from_1_sentAt_1_number_1__id_1'],
  'failure.to_1_failure.state_1_failure.sentAt_1__id_1',
  'failure.from_1_failure.state_1_failure.sentAt_1__id_1',
];
const FILTERS: readonly MessageQuery[] = [{}, { to: 'client1' }, { from: 'sender2' }];

/** Ids decrease while numbers increase; half of all messages have the same millisecond. */
const entries = Array.from({ length: COUNT }, (_, n) =>
  aDelivery({
    id: (COUNT - n).toString(16).padStart(24, '0'),
    to: `client${String(n % 3)}`,
    from: `sender${String(n % 5)}`,
    sentAt: Math.max(COUNT / 2, n),
  }),
);

describe('The list indexes in MongoDB', function () {
  this.timeout(60_000);
  let store: MongoHandle;

  beforeEach(async () => {
    store = await startedHandle(await testMongoUri());
    for (let n = 0; n < COUNT; n += 500) await store.ledger.settle(entries.slice(n, n + 500));
  });
  afterEach(async () => {
    await store.connection.use('writes', ({ client }) => client.db().dropDatabase());
    await store.close();
  });

  const indexNames = (): Promise<(string | undefined)[]> =>
    store.connection.use('reads', async ({ messages }) => (await messages.indexes()).map(({ name }) => name));
  const list = (query: MessageQuery): Promise<ListedMessage[]> => all(store.archive.messages(query));
  const lists = (): Promise<ListedMessage[][]> => Promise.all(FILTERS.map(list));
  const isBuilt = (): boolean => store.logger.events().includes('store.indexes-built');
  const restart = async (): Promise<void> => {
    await store.close();
    store = await startedHandle(store.uri);
  };

  /** Gives the database the indexes of such a version. */
  async function useLegacyIndexes(): Promise<void> {
    await store.connection.use('writes', async ({ messages }) => {
      await messages.createIndexes([...LEGACY]);
      for (const name of NAMES) await messages.dropIndex(name);
    });
  }

  /**
   * Inserts a document that no index over both fields can contain, so that index builds fail while it exists.
   */
  async function blockBuilding(): Promise<void> {
    await store.connection.use('writes', ({ messages }) =>
      messages.insertOne({ _id: '*probe', sentAt: ['a', 'b'], number: ['a', 'b'] } as never),
    );
  }
  async function allowBuilding(): Promise<void> {
    await store.connection.use('writes', ({ messages }) => messages.deleteOne({ _id: '*probe' }));
  }

  it('exist at once in a new database', async () => {
    expect(store.connection.listIndexes.areBuilt).to.equal(true);
    expect(await indexNames())
      .to.include.members(NAMES)
      .and.not.to.include.oneOf(LEGACY_NAMES);
    expect(store.logger.events()).not.to.include('store.indexes-built');
  });

  it('are built in a database of an earlier version, and replace its indexes', async () => {
    const before = await lists();
    await useLegacyIndexes();
    await restart();
    await eventually(isBuilt);
    expect(store.connection.listIndexes.areBuilt).to.equal(true);
    expect(await indexNames())
      .to.include.members(NAMES)
      .and.not.to.include.oneOf(LEGACY_NAMES);
    expect(await lists()).to.deep.equal(before);
    const line = store.logger.lines.find(({ event }) => event === 'store.indexes-built');
    expect(line?.fields).to.include({ dropped: 3 });
  });

  it('of an earlier version are dropped again after that version has run in between', async () => {
    await store.connection.use('writes', ({ messages }) => messages.createIndexes([...LEGACY]));
    await restart();
    await eventually(isBuilt);
    expect(await indexNames()).not.to.include.oneOf(LEGACY_NAMES);
  });

  it('keep lists in the order by id until they are built, and pages continue without gaps or duplicates', async () => {
    const [whole] = await lists();
    await useLegacyIndexes();
    await blockBuilding();
    await restart();
    await eventually(() => store.logger.events().includes('store.indexes-failed'));
    const byId = [...(whole ?? [])].sort((a, b) => a.sentAt - b.sentAt || (a.id < b.id ? -1 : 1));
    expect((await list({})).map(({ id }) => id)).to.deep.equal(byId.map(({ id }) => id));
    const first = await list({ limit: PAGE });
    const second = await list({ limit: PAGE, after: cursorAt(first.at(-1)!) });
    const after = cursorAt(second.at(-1)!);
    expect(after).to.have.all.keys('sentAt', 'id');
    expect(await planOf(messageSearch({ limit: PAGE, after }, false))).to.include('sentAt_1__id_1');

    await allowBuilding();
    await restart();
    await eventually(isBuilt);
    const rest = await pagesFrom(after);
    const seen = [...first, ...second].map(({ id }) => id);
    expect(rest.map(({ id }) => id)).to.deep.equal(
      (whole ?? []).map(({ id }) => id).filter((id) => !seen.includes(id)),
    );
  });

  it('are retried if they could not be built', async () => {
    await useLegacyIndexes();
    await blockBuilding();
    const logger = new RecordingLogger();
    const retries: (() => void)[] = [];
    const indexes = new ListIndexes(logger, (_delayMs, callback) => retries.push(callback));
    await store.connection.use('writes', ({ messages }) => indexes.prepare(messages));
    await eventually(() => retries.length === 1);
    expect([indexes.areBuilt, logger.events()]).to.deep.equal([false, ['store.indexes-failed']]);
    await allowBuilding();
    retries[0]?.();
    await eventually(() => logger.events().includes('store.indexes-built'));
    expect(indexes.areBuilt).to.equal(true);
  });

  const deepWithin: ListCursor = cursorAt({ sentAt: COUNT / 2, number: 400, id: '0'.repeat(24) });
  const oldCursor: ListCursor = { sentAt: COUNT / 2, id: (COUNT / 2).toString(16).padStart(24, '0') };
  for (const filter of [
    ...FILTERS,
    { to: 'client1', from: 'sender2' },
    { to: 'client1', since: 1_600, until: 9_000 },
  ]) {
    for (const after of [undefined, deepWithin, oldCursor, { ...deepWithin, idsAbove: oldCursor.id }]) {
      it(`serve a page of ${JSON.stringify(filter)} after ${JSON.stringify(after)} without sorting or reading more`, async () => {
        const read = await examined(messageSearch({ ...filter, limit: PAGE, ...(after && { after }) }, true));
        // With both names, the rows of one are read until the page is full.
        const most = filter.from !== undefined && filter.to !== undefined ? PAGE * 8 : PAGE;
        expect(read.documents).to.be.within(1, most);
        // The page of an old cursor skips the rest of its millisecond.
        if (after?.number !== undefined && after.idsAbove === undefined)
          expect(read.keys).to.be.below(most + 5);
      });
    }
  }

  const failed = 1_000;
  for (const filter of [{}, { to: 'to 1' }, { from: 'from 1' }, { from: 'from 1', to: 'to 1' }] as const) {
    it(`serve a page of failures of ${JSON.stringify(filter)} without sorting or reading more`, async () => {
      const letters = Array.from({ length: failed }, (_, n) =>
        aDeadLetter({
          from: `from ${String(n % 2)}`,
          to: `to ${String(n % 2)}`,
          sentAt: Math.floor(n / 400),
        }),
      );
      for (let n = 0; n < failed; n += 500) await store.ledger.settle(letters.slice(n, n + 500));
      const resolved = letters.slice(0, 100).map(({ letter }) => letter.id);
      await store.ledger.amendAll(resolved, (failure) => ({ ...failure, state: 'resolved' }));
      const states = ['unresolved', 'replaying', 'correcting'] as const;
      for (const after of [undefined, { sentAt: 1, id: letters[500]!.letter.id }]) {
        const read = await examined(
          failureSearch({ ...filter, states, limit: PAGE, ...(after && { after }) }),
        );
        // The rows of the cursor's millisecond are skipped.
        expect(read.documents).to.be.within(PAGE, PAGE + 60);
        expect(read.keys).to.be.below(PAGE + 105);
      }
    });
  }

  it('serve the failures recorded under an id, in the order of their ids', async () => {
    const search = conflictSearch('0'.repeat(24));
    expect(await planOf(search)).to.contain('failure.conflictsWith');
  });

  async function pagesFrom(start: ListCursor): Promise<ListedMessage[]> {
    const rows: ListedMessage[] = [];
    for (let after = start; ;) {
      const page = await list({ limit: PAGE, after });
      const last = page.at(-1);
      if (last === undefined) return rows;
      rows.push(...page);
      after = cursorAt(last, after);
    }
  }

  async function planOf(search: Search): Promise<string> {
    const { queryPlanner } = await explained(search);
    const plan = JSON.stringify(queryPlanner.winningPlan);
    expect(plan).to.contain('IXSCAN').and.not.contain('"SORT"').and.not.contain('COLLSCAN');
    return plan;
  }

  async function examined(search: Search): Promise<{ readonly keys: number; readonly documents: number }> {
    await planOf(search);
    const { executionStats } = await explained(search);
    return { keys: executionStats.totalKeysExamined, documents: executionStats.totalDocsExamined };
  }

  function explained({ filter, options }: Search): Promise<Explained> {
    return store.connection.use(
      'reads',
      async ({ messages }) => (await messages.find(filter, options).explain('executionStats')) as Explained,
    );
  }
});

interface Explained {
  readonly queryPlanner: { readonly winningPlan: object };
  readonly executionStats: { readonly totalKeysExamined: number; readonly totalDocsExamined: number };
}
