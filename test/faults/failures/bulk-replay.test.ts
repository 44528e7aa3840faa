import { expect } from 'chai';
import mongoose from 'mongoose';
import { eventually as pollUntil } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';
import { FailureStore } from './failure-store.js';
import { ApiGroup } from './api-group.js';

const TOTAL = 50_000;
const BATCH_SIZE = 1_000;
const CLIENTS = 5_000;
/** Of 25 messages, one is too long for the receiver even after its limit was raised the first time. */
const LONG_EVERY = 25;
const LONG = TOTAL / LONG_EVERY;
const RATE = 10_000;

/** Counting tens of thousands of failures takes the store a while. */
const POLL_MS = 400;

interface Progress {
  readonly state: string;
  readonly total: number;
  readonly published: number;
  readonly skipped: number;
  readonly failedAgain: number;
}

const eventually = (
  condition: () => Promise<boolean>,
  describe = (): string => 'it did not happen',
): Promise<void> => pollUntil(condition, describe, 90_000, POLL_MS);

describe(`A bulk replay of ${TOTAL.toLocaleString('en')} failed messages`, function () {
  this.timeout(240_000);
  let env: ProgramEnv;
  let apis: ApiGroup;
  let receiver: SpawnedProgram | undefined;
  let store: FailureStore;

  before(async () => {
    env = await fullBackend();
    store = new FailureStore(await mongoose.mongo.MongoClient.connect(String(env['MONGODB_URI'])));
    apis = await ApiGroup.start({ ...env, ROLES: 'api', LOG_LEVEL: 'error' }, 2);
  });

  after(async () => {
    receiver?.kill('SIGKILL');
    await Promise.all([apis.end(), receiver?.ended]);
    await store.close();
  });

  /** Starts a receiver that accepts texts up to this length, and kills the previous one. */
  const receive = async (maxLength: number): Promise<void> => {
    receiver?.kill('SIGKILL');
    await receiver?.ended;
    const limit = { MESSAGE_MAX_LENGTH: String(maxLength) };
    receiver = await SpawnedProgram.start({ ...env, ...limit, ROLES: 'receiver', LOG_LEVEL: 'error' });
  };

  const begin = async (rate: number): Promise<string> => {
    const { headers } = await apis.post('/replays', { filter: {}, all: true, rate }, 202);
    return headers.get('location') ?? '';
  };
  const progress = async (job: string): Promise<Progress> => (await apis.get(job)) as Progress;
  const untilPublished = (job: string, count: number): Promise<void> =>
    eventually(async () => (await progress(job)).published >= count);

  it('starts with all of them among the failed messages', async () => {
    await receive(10);
    const text = (n: number): string => `number ${String(n)} `.padEnd(n % LONG_EVERY === 0 ? 150 : 50, '.');
    for (let first = 0; first < TOTAL; first += BATCH_SIZE) {
      const messages = Array.from({ length: BATCH_SIZE }, (_, at) => first + at).map((n) => ({
        ...{ from: 'load', to: `client-${String(n % CLIENTS)}`, message: text(n) },
      }));
      await apis.post('/send-messages', { messages }, 207);
    }
    const unresolved = { unresolved: TOTAL };
    await eventually(
      async () => (await store.states())['unresolved'] === TOTAL,
      () => `not ${String(TOTAL)} failed`,
    );
    expect(await store.states()).to.deep.equal(unresolved);
  });

  it('stores each once or leaves it unresolved, whatever is killed meanwhile', async () => {
    await receive(100);
    const began = Date.now();
    const job = await begin(RATE);
    for (let kills = 1; kills <= 3; kills += 1) {
      await untilPublished(job, kills * 10_000);
      await apis.killOne();
      if (kills === 2) await receive(100);
    }
    await eventually(
      async () => (await progress(job)).state === 'done' && (await store.states())['replaying'] === undefined,
      () => 'it is not done',
    );
    const seconds = (Date.now() - began) / 1_000;
    const counts = await progress(job);
    process.stdout.write(`        ${JSON.stringify(counts)} in ${seconds.toFixed(1)} s, 3 apis killed\n`);
    expect(counts).to.include({ total: TOTAL, published: TOTAL, skipped: 0, failedAgain: LONG });
    expect(await store.states()).to.deep.equal({ resolved: TOTAL - LONG, unresolved: LONG });
    expect(await store.storedAndUnresolved()).to.equal(0);
    expect(await store.unresolvedWith({ replays: 1, failures: 2 })).to.equal(LONG);
    expect(await store.gaps()).to.deep.equal([]);
    expect(await store.textsStored()).to.deep.equal({ all: TOTAL - LONG, distinct: TOTAL - LONG });
  });

  it('leaves unpublished ones unresolved when it is cancelled, and the next replay finishes the rest', async () => {
    await receive(10_000);
    const cancelled = await begin(500);
    await untilPublished(cancelled, 200);
    await apis.request('DELETE', cancelled);
    await eventually(async () => (await store.states())['replaying'] === undefined);
    const { state, published } = await progress(cancelled);
    expect(state).to.equal('cancelled');
    expect(published).to.be.within(200, LONG - 1);
    expect(await store.states()).to.deep.equal({
      resolved: TOTAL - LONG + published,
      unresolved: LONG - published,
    });
    const rest = await begin(RATE);
    await eventually(async () => (await store.states())['resolved'] === TOTAL);
    await eventually(async () => (await progress(rest)).state === 'done');
    expect(await progress(rest)).to.include({
      ...{ total: LONG - published, published: LONG - published, skipped: 0, failedAgain: 0 },
    });
    expect(await store.gaps()).to.deep.equal([]);
    expect(await store.textsStored()).to.deep.equal({ all: TOTAL, distinct: TOTAL });
  });
});
