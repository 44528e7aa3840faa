import { expect } from 'chai';
import type { mongo } from 'mongoose';
import type { MessageDocument } from '../../../../src/adapters/mongodb/schema/documents.js';
import { countGroups } from '../../../../src/adapters/mongodb/failures/mongo-failure-groups.js';
import type { MongoStore } from '../../../../src/adapters/mongodb/connection/mongo-store.js';
import { aDeadLetter, anId } from '../../../support/builders.js';
import { testMongoUri } from '../../../support/servers/test-servers.js';
import { startedHandle, type MongoHandle } from '../mongo-test-store.js';

const FAILURES = 50_000;
const EXPLAINED = 'executionStats';

interface Work {
  readonly examined: number;
  readonly keys: number;
  readonly stages: string;
}

describe('Tens of thousands of failures in MongoDB', function () {
  this.timeout(240_000);
  let store: MongoHandle;
  const job = anId();
  const set = { job, filter: {}, before: Date.now() + 3_600_000 };

  before(async () => {
    store = await startedHandle(await testMongoUri());
    for (let made = 0; made < FAILURES; made += 500) {
      const letters = Array.from({ length: 500 }, (_, i) =>
        aDeadLetter({ to: `c${String(i % 20)}`, reason: REASONS[i % REASONS.length] ?? '' }),
      );
      await store.ledger.settle(letters);
    }
  });
  after(async () => {
    await store.connection.use('writes', ({ client }) => client.db().dropDatabase());
    await store.close();
  });

  const read = <T>(query: (mongo: MongoStore) => Promise<T>): Promise<T> =>
    store.connection.use('reads', query);

  /** Returns the server's work for the commands of a call, from its profiler. */
  async function workOf(call: () => Promise<unknown>): Promise<Work> {
    const db = await read(({ client }) => Promise.resolve(client.db()));
    await db.command({ profile: 2 });
    await call();
    await db.command({ profile: 0 });
    const rows = await db
      .collection('system.profile')
      .find({ ns: /postrider_messages$/ })
      .toArray();
    await db.collection('system.profile').drop();
    const sum = (field: string): number => rows.reduce((total, row) => total + Number(row[field] ?? 0), 0);
    const stages = rows.map((row) => String(row['planSummary'])).join(' ');
    return { examined: sum('docsExamined'), keys: sum('keysExamined'), stages };
  }

  it('are counted by group without reading a document', async () => {
    const plan = await read((mongo) => countGroups(mongo).explain(EXPLAINED));
    const text = JSON.stringify(plan);
    expect(text).to.contain('IXSCAN').and.not.contain('"FETCH"').and.not.contain('COLLSCAN');
    expect(/"totalDocsExamined":(\d+)/.exec(text)?.[1]).to.equal('0');
    const groups = await store.groups.groups();
    expect(groups.map(({ count }) => count)).to.deep.equal([FAILURES / 2, FAILURES / 4, FAILURES / 4]);
  });

  it('are counted for a bulk replay without reading a document', async () => {
    const [group] = await store.groups.groups();
    for (const filter of [{}, { code: 'delivery-failed' }, { group: group?.key ?? '' }, { since: 5 }]) {
      const { examined, stages } = await workOf(() => store.sets.select(filter, Date.now()));
      expect(examined, JSON.stringify(filter)).to.equal(0);
      expect(stages).not.to.contain('COLLSCAN');
    }
  });

  it('are found for a bulk replay as quickly at its end as at its start, whether skipped or marked', async () => {
    await read(({ messages }) => pass(messages, job, FAILURES - 2_000));
    // After a restart it reads the skipped ones again, once.
    const skipped = await store.sets.next(set, 250);
    expect(skipped).to.have.lengthOf(250);
    await store.ledger.amendAll(skipped, (failure) => ({ ...failure, jobs: [{ id: job }] }));
    const { examined, keys } = await workOf(() => store.sets.next(set, 250));
    expect(examined).to.be.within(250, 600);
    expect(keys).to.be.within(250, 1_000);
  });

  it('are counted by their result in a bulk replay with the index of its marks', async () => {
    const { stages, examined } = await workOf(() => store.sets.counts(job));
    expect(stages).to.contain('failure.jobs.id');
    expect(examined).to.be.below(FAILURES);
  });

  it('are found by their lease with an index that contains no others', async () => {
    const [id = ''] = await store.sets.next(set, 1);
    await store.ledger.amend(id, (failure) => ({ ...failure, state: 'replaying', lease: 5 }));
    const { keys, examined } = await workOf(async () => {
      expect(await store.sets.overdue(6, 10)).to.deep.equal([id]);
    });
    expect([keys, examined]).to.deep.equal([1, 1]);
  });
});

const REASONS = [
  'it would not be written',
  'it would not be read',
  'it would not be written',
  'it timed out',
];

/** Marks this many failures as skipped. */
async function pass(messages: mongo.Collection<MessageDocument>, job: string, count: number): Promise<void> {
  const found = await messages
    .find({ 'failure.state': 'unresolved' })
    .sort({ 'failure.recordedAt': 1, _id: 1 })
    .limit(count)
    .project<{ _id: mongo.ObjectId }>({ _id: 1 })
    .toArray();
  const _id = { $in: found.map((row) => row._id) };
  await messages.updateMany({ _id }, { $set: { 'failure.jobs': [{ id: job }] } });
}
