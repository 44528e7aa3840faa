import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import mongoose from 'mongoose';
import type { MongoServer, Server } from '../../../scripts/stack/server.js';
import { newKafka, newMongo } from '../../../scripts/stack/servers.js';
import { eventually } from '../../support/eventually.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';
import { ApiGroup } from './api-group.js';
import { FailureStore } from './failure-store.js';
import { Operators } from './operators.js';

const BATCH_SIZE = 100;
const CLIENTS = 400;
/** The receiver's limit before it is raised. Corrections are shorter, and one of two messages is longer. */
const LIMIT = 50;
const POLL_MS = 300;

describe('Failed messages that operators work with, while processes die', function () {
  this.timeout(180_000);
  let kafka: Server;
  let mongo: MongoServer;
  let env: ProgramEnv;
  let apis: ApiGroup;
  let receiver: SpawnedProgram | undefined;
  let store: FailureStore;
  let sent: string[];

  before(async () => {
    kafka = await newKafka();
    mongo = await newMongo();
    await Promise.all([kafka.start(), mongo.start()]);
  });
  after(() => Promise.all([kafka.remove(), mongo.remove()]));

  beforeEach(async () => {
    const name = `faults-${randomUUID().slice(0, 8)}`;
    const uri = `${mongo.address}/${name}-test?directConnection=true`;
    env = {
      ...{ KAFKA_BROKER: kafka.address, MONGODB_URI: uri, KAFKA_GROUP_PREFIX: name, KAFKA_PARTITIONS: '6' },
      ...{ KAFKA_TOPIC: `${name}-messages`, KAFKA_DLQ_TOPIC: `${name}-dlq` },
      ...{ REPLAY_MAX: '1000', LOG_LEVEL: 'error' },
    };
    sent = [];
    store = new FailureStore(await mongoose.mongo.MongoClient.connect(uri));
    apis = await ApiGroup.start({ ...env, ROLES: 'api' }, 2);
    await receive(LIMIT);
  });
  afterEach(async () => {
    receiver?.kill('SIGKILL');
    await Promise.all([apis.end(), receiver?.ended]);
    receiver = undefined;
    await store.close();
  });

  /** Starts a receiver that accepts texts up to this length, and kills the previous one. */
  const receive = async (maxLength: number): Promise<void> => {
    receiver?.kill('SIGKILL');
    await receiver?.ended;
    const limit = { MESSAGE_MAX_LENGTH: String(maxLength) };
    receiver = await SpawnedProgram.start({ ...env, ...limit, ROLES: 'receiver' });
  };

  /** Sends with keys, so that a client that gets no response may retry. */
  const send = async (count: number): Promise<void> => {
    for (const end = sent.length + count; sent.length < end;) {
      const numbers = Array.from({ length: BATCH_SIZE }, (_, at) => sent.length + at);
      const texts = numbers.map((n) => `number ${String(n)}`.padEnd(n % 2 === 0 ? 2 * LIMIT : 0, '.'));
      const messages = numbers.map((n, at) => ({
        ...{ from: 'load', to: `client-${String(n % CLIENTS)}`, message: texts[at] },
        idempotencyKey: `key-${String(n)}`,
      }));
      const response = await apis.post('/send-messages', { messages }, 207);
      const { results } = (await response.json()) as { results: readonly { readonly status: number }[] };
      // The log may have been down. In that case all of them are sent again, with the same keys.
      if (results.every(({ status }) => status === 201)) sent.push(...texts);
    }
  };

  /**
   * Waits until a receiver that accepts everything has settled all messages, and checks their final states.
   */
  const verify = async (operators: Operators): Promise<void> => {
    const hasDoneEnough = (): boolean =>
      operators.replayed.size >= 10 && operators.corrected.size >= 10 && operators.discarded.size >= 3;
    await eventually(hasDoneEnough, () => operators.summary(), 60_000);
    await operators.stop();
    await receive(10_000);
    const isOpen = ['unresolved', 'replaying', 'correcting'];
    let states: Readonly<Record<string, number>> = {};
    await eventually(
      async () => {
        await apis.post('/replays', { filter: {}, all: true, rate: 5_000 }, 202);
        await sleep(2_000);
        states = await store.states();
        return isOpen.every((state) => states[state] === undefined) && (await store.settled()) >= sent.length;
      },
      () => JSON.stringify(states),
      90_000,
    );
    const found = await store.fates(operators);
    process.stdout.write(
      `        ${String(sent.length)} sent; ${operators.summary()}; ${JSON.stringify(states)}\n`,
    );
    expect(operators.unexplained).to.deep.equal([]);
    expect(found.texts.sort()).to.deep.equal([...sent].sort());
    expect(found.wrong).to.deep.equal([]);
    expect(await store.storedAndUnresolved()).to.equal(0);
    expect(await store.gaps()).to.deep.equal([]);
    for (const job of operators.jobs) await jobAddsUp(job);
  };

  const jobAddsUp = async (job: string): Promise<void> => {
    await eventually(
      async () => ((await apis.get(job)) as { state: string }).state !== 'running',
      () => `${job} is running`,
      30_000,
      POLL_MS,
    );
    const { state, total, published, skipped } = (await apis.get(job)) as Record<string, number | string>;
    if (state === 'done') expect(Number(published) + Number(skipped), job).to.equal(total);
  };

  it('are each stored once, superseded or discarded, whichever api or receiver is killed', async () => {
    const operators = new Operators(apis);
    for (let round = 0; round < 3; round += 1) {
      await send(400);
      await sleep(1_500);
      await apis.killOne();
      await send(200);
      await receive(LIMIT);
    }
    await sleep(3_000);
    await verify(operators);
  });

  it('are each stored once, superseded or discarded, when MongoDB and the broker are killed', async () => {
    const operators = new Operators(apis);
    await send(600);
    await sleep(2_000);
    await mongo.kill();
    await send(200);
    await sleep(3_000);
    await mongo.start();
    await sleep(4_000);
    await kafka.kill();
    await sleep(2_000);
    await kafka.start();
    await send(400);
    await sleep(4_000);
    await verify(operators);
  });
});
