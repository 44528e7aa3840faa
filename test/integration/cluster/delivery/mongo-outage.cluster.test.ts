import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { LocalMongoSet, MongoSetOptions } from '../../../../scripts/stack/local-mongo-set.js';
import { newMongoSet } from '../../../../scripts/stack/servers.js';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { NO_ALERTS } from '../../../../src/domain/alerts/alert.js';
import type { Entry, Outcome } from '../../../../src/domain/delivery/settlement.js';
import { newReplayJob } from '../../../../src/domain/failures/replay-job.js';
import { aDelivery } from '../../../support/builders.js';
import { eventually } from '../../../support/eventually.js';
import { freshDatabase } from '../../../support/servers/test-servers.js';
import { startedHandle, type MongoHandle } from '../../mongodb/mongo-test-store.js';

/** Every call to the store has ended by then, whatever the servers do. */
const LIMIT_MS = 25_000;
/** A primary without a majority stays primary that long. */
const NO_ELECTION: MongoSetOptions = { electionTimeoutMs: 120_000 };
const JOB = { id: '0123456789abcdef01234567', filter: {}, rate: 1, total: 0, createdAt: 0 };

interface Ending<T> {
  readonly value?: T;
  readonly error?: unknown;
  readonly tookMs: number;
}

async function ending<T>(call: Promise<T>): Promise<Ending<T>> {
  const began = performance.now();
  const took = (): number => performance.now() - began;
  return call.then(
    (value) => ({ value, tookMs: took() }),
    (error: unknown) => ({ error, tookMs: took() }),
  );
}

async function expectInTime(what: string, call: Promise<unknown>): Promise<void> {
  const { error, tookMs } = await ending(call);
  const text = `${what}: ${(tookMs / 1_000).toFixed(1)} s, ${error instanceof Error ? error.message : 'done'}`;
  process.stdout.write(`        ${text}\n`);
  if (error !== undefined) expect(error, text).to.be.instanceOf(DependencyUnavailable);
  expect(tookMs, text).to.be.below(LIMIT_MS);
}

/** Settles again after each outage, as the engine does. */
async function settled(store: MongoHandle, entries: readonly Entry[]): Promise<readonly Outcome[]> {
  let outcomes: readonly Outcome[] | undefined;
  const once = async (): Promise<boolean> => {
    const { value, error } = await ending(store.ledger.settle(entries));
    if (error !== undefined) expect(error).to.be.instanceOf(DependencyUnavailable);
    outcomes = value;
    return value !== undefined;
  };
  await eventually(once, () => 'it is still an outage', 60_000, 200);
  return outcomes ?? [];
}

async function drained(rows: AsyncIterable<unknown>): Promise<void> {
  const iterator = rows[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

/** One call of each kind, outside and inside transactions. */
const calls = (store: MongoHandle, sweptBefore: number): Record<string, () => Promise<unknown>> => ({
  settle: () => store.ledger.settle([aDelivery({ to: 'c' })]),
  probe: () => store.ledger.probe(),
  'inbox page': () => store.reader.page('a', 0, 10),
  'inbox state': () => store.reader.state('a'),
  'confirmed last number': () => store.reader.confirmedLast('a'),
  'read position': () => store.positions.advance('a', 1),
  'list of messages': () => drained(store.archive.messages({})),
  'failure summary': () => store.archive.summary(),
  'failure groups': () => store.groups.groups(),
  'counts of groups': () => store.groupCounts.last(),
  'lease of counts': () => store.groupCounts.changeLease((lease) => ({ ...lease, term: lease.term + 1 })),
  'overdue failures': () => store.sets.overdue(Date.now(), 10),
  'failed replays': () => store.failedReplays.unnotified(10),
  'new bulk replay': () => store.jobs.insert(newReplayJob(JOB)),
  'running bulk replays': () => store.jobs.running(),
  'alert outbox': () => store.alerts.change(() => NO_ALERTS),
  'message sweep': () => store.sweep.sweep(sweptBefore),
  'failure sweep': () => store.failureSweep.sweep(sweptBefore),
});

describe('A ledger on three MongoDB nodes', function () {
  this.timeout(180_000);
  let set: LocalMongoSet | undefined;
  let store: MongoHandle;
  /** A time between the messages of b, which sweeps may remove, and those of a. */
  let sweptBefore: number;

  async function open(options: MongoSetOptions = {}): Promise<LocalMongoSet> {
    set = await newMongoSet(options);
    await set.start();
    store = await startedHandle(set.databaseAddress(freshDatabase()));
    await store.ledger.settle([aDelivery({ to: 'b' })]);
    sweptBefore = Date.now() + 1;
    await sleep(2);
    await store.ledger.settle([aDelivery({ to: 'a', message: 'first' })]);
    return set;
  }
  afterEach(async () => {
    await store.close();
    await set?.remove();
  });

  async function expectInOrder(...texts: readonly string[]): Promise<void> {
    const page = await store.reader.page('a', 0, 10);
    expect(page.map(({ message, number }) => [number, message])).to.deep.equal(
      texts.map((text, index) => [index + 1, text]),
    );
  }

  it('ends every call in time when its primary freezes, and continues with the next one', async () => {
    const nodes = await open();
    const frozen = await nodes.primary();
    await frozen.pause();
    const entry = aDelivery({ to: 'a', message: 'second' });
    await Promise.all([
      expectInTime('settle the second', store.ledger.settle([entry])),
      ...Object.entries(calls(store, sweptBefore)).map(([what, call]) => expectInTime(what, call())),
    ]);
    await settled(store, [entry]);
    await settled(store, [aDelivery({ to: 'a', message: 'third' })]);
    await frozen.resume();
    await nodes.waitUntilComplete();
    await expectInOrder('first', 'second', 'third');
  });

  it('ends every call in time while two nodes are frozen, and later recognises what it had written', async () => {
    const nodes = await open(NO_ELECTION);
    const lost = await nodes.secondaries();
    await Promise.all(lost.map((node) => node.pause()));
    const entry = aDelivery({ to: 'a', message: 'second' });
    const settling = ending(store.ledger.settle([entry]));
    await Promise.all(
      Object.entries(calls(store, sweptBefore)).map(([what, call]) => expectInTime(what, call())),
    );
    const { error, tookMs } = await settling;
    expect(error).to.be.instanceOf(DependencyUnavailable);
    expect(tookMs).to.be.below(LIMIT_MS);
    expect(store.connection.status().state).to.equal('down');
    await Promise.all(lost.map((node) => node.resume()));
    // The primary kept writes that it could not confirm.
    expect(await settled(store, [entry])).to.deep.equal([{ kind: 'duplicate' }]);
    expect(await settled(store, [aDelivery({ to: 'a', message: 'third' })])).to.deep.equal([
      { kind: 'stored', number: 3 },
    ]);
    await expectInOrder('first', 'second', 'third');
  });

  it('reports an outage while two nodes are killed and no primary is left', async () => {
    const nodes = await open();
    const lost = await nodes.secondaries();
    await Promise.all(lost.map((node) => node.kill()));
    const entry = aDelivery({ to: 'a', message: 'second' });
    const { error, tookMs } = await ending(store.ledger.settle([entry]));
    expect(error).to.be.instanceOf(DependencyUnavailable);
    expect(tookMs).to.be.below(LIMIT_MS);
    expect(store.connection.status().state).to.equal('down');
    await Promise.all(lost.map((node) => node.start()));
    await settled(store, [entry]);
    await settled(store, [aDelivery({ to: 'a', message: 'third' })]);
    await expectInOrder('first', 'second', 'third');
  });
});
