import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { MongoServer, Server } from '../../scripts/stack/server.js';
import { newKafka, newMongo } from '../../scripts/stack/servers.js';
import type { ProgramEnv, SpawnedProgram } from '../support/spawned-program.js';
import { FaultRun } from './fault-run.js';
import { MongoFaultStore } from './mongo-store.js';

describe('The full back end, when something dies under traffic', function () {
  this.timeout(180_000);
  let kafka: Server;
  let mongo: MongoServer;
  let run: FaultRun;
  let store: MongoFaultStore;

  before(async () => {
    kafka = await newKafka();
    mongo = await newMongo();
    await Promise.all([kafka.start(), mongo.start()]);
  });

  after(async () => {
    await Promise.all([kafka.remove(), mongo.remove()]);
  });

  beforeEach(() => {
    run = new FaultRun();
    store = new MongoFaultStore(mongo.address, `${run.name}-test`);
  });

  afterEach(async () => {
    await run.end();
    await store.close();
  });

  const env = (more: ProgramEnv = {}): ProgramEnv => ({
    KAFKA_BROKER: kafka.address,
    MONGODB_URI: `${mongo.address}/${run.name}-test?directConnection=true`,
    KAFKA_TOPIC: `${run.name}-messages`,
    KAFKA_DLQ_TOPIC: `${run.name}-dlq`,
    KAFKA_GROUP_PREFIX: run.name,
    KAFKA_PARTITIONS: '6',
    ...more,
  });

  it('loses nothing while MongoDB is away for 20 s, dead-letters nothing, and resumes by itself', async () => {
    const program = await run.start(env());
    const traffic = run.send(() => program);
    await traffic.more(500);
    await mongo.stop();
    await sleep(20_000);
    await mongo.start();
    await traffic.more(500);
    const { counts } = await run.verify(store);
    expect(counts.failed).to.equal(0);
    expect([...run.saidDown]).to.deep.equal(['store']);
  });

  it('loses nothing when the broker is killed and comes back, dead-letters nothing, and resumes by itself', async () => {
    const program = await run.start(env());
    const traffic = run.send(() => program);
    await traffic.more(500);
    await kafka.kill();
    await sleep(3_000);
    await kafka.start();
    await traffic.more(500, 90_000);
    const { counts } = await run.verify(store);
    expect(counts.failed).to.equal(0);
    expect([...run.saidDown]).to.deep.equal(['log']);
  });

  it('loses and doubles nothing when the receiver is killed in the middle of a batch', async () => {
    const api = await run.start(env({ ROLES: 'api' }));
    let receiver = await run.start(env({ ROLES: 'receiver' }));
    const traffic = run.send(() => api, { pauseMs: 0 });
    for (let round = 0; round < 3; round += 1) {
      await traffic.more(1_000);
      receiver.kill('SIGKILL');
      await receiver.ended;
      receiver = await run.start(env({ ROLES: 'receiver' }));
    }
    await traffic.more(500);
    await run.verify(store);
  });

  it('goes on with the other receiver when one of two is killed', async () => {
    const api = await run.start(env({ ROLES: 'api' }));
    const receivers: SpawnedProgram[] = [];
    for (let n = 0; n < 2; n += 1) receivers.push(await run.start(env({ ROLES: 'receiver' })));
    const traffic = run.send(() => api);
    await traffic.more(1_500);
    receivers[0]?.kill('SIGKILL');
    await traffic.more(1_500);
    await run.verify(store);
  });
});
