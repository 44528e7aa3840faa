import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { MongoServer, Server } from '../../scripts/stack/server.js';
import { newKafka, newMongo } from '../../scripts/stack/servers.js';
import { eventually } from '../support/eventually.js';
import type { ProgramEnv, SpawnedProgram } from '../support/program/spawned-program.js';
import { FaultRun } from './fault-run.js';
import { MongoFaultStore } from './stores/mongo-store.js';

describe('The full back end, when a process dies under traffic', function () {
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

  it('loses nothing when MongoDB is killed and down for 20 s, dead-letters nothing, and resumes by itself', async () => {
    const program = await run.start(env());
    const traffic = run.send(() => program);
    const readers = run.read(() => program);
    await traffic.more(500);
    await mongo.kill();
    await sleep(20_000);
    await mongo.start();
    await traffic.more(500);
    const { counts } = await run.verify(store);
    expect(counts.failed).to.equal(0);
    expect([...run.reportedDown]).to.deep.equal(['store']);
    expect(readers.history.resumptions, 'streams that ended').to.equal(0);
  });

  it('loses nothing when the broker is killed and comes back, dead-letters nothing, and resumes by itself', async () => {
    const program = await run.start(env());
    const traffic = run.send(() => program);
    const readers = run.read(() => program);
    await traffic.more(500);
    await kafka.kill();
    await sleep(3_000);
    await kafka.start();
    await traffic.more(500, 90_000);
    const { counts } = await run.verify(store);
    expect(counts.failed).to.equal(0);
    expect([...run.reportedDown]).to.deep.equal(['log']);
    expect(readers.history.resumptions, 'streams that ended').to.equal(0);
  });

  it('loses and repeats nothing when the receiver is killed in the middle of a batch', async () => {
    const api = await run.start(env({ ROLES: 'api' }));
    let receiver = await run.start(env({ ROLES: 'receiver' }));
    const traffic = run.send(() => api, { pauseMs: 0 });
    run.read(() => api);
    for (let round = 0; round < 3; round += 1) {
      await traffic.more(1_000);
      receiver.kill('SIGKILL');
      await receiver.ended;
      receiver = await run.start(env({ ROLES: 'receiver' }));
    }
    await traffic.more(500);
    await run.verify(store);
  });

  it('continues with the other receiver when one of two is killed', async () => {
    const api = await run.start(env({ ROLES: 'api' }));
    const receivers: SpawnedProgram[] = [];
    for (let n = 0; n < 2; n += 1) receivers.push(await run.start(env({ ROLES: 'receiver' })));
    const traffic = run.send(() => api);
    run.read(() => api);
    await traffic.more(1_500);
    receivers[0]?.kill('SIGKILL');
    await traffic.more(1_500);
    await run.verify(store);
  });

  it('skips no message while a second receiver joins and leaves', async () => {
    const api = await run.start(env({ ROLES: 'api' }));
    await run.start(env({ ROLES: 'receiver' }));
    const traffic = run.send(() => api);
    run.read(() => api);
    for (let round = 0; round < 2; round += 1) {
      const second = await run.start(env({ ROLES: 'receiver' }));
      await eventually(async () => (await storedBy(second)) > 0);
      await traffic.more(300);
      await second.stop();
      await traffic.more(300);
    }
    const { counts } = await run.verify(store);
    expect(counts.failed).to.equal(0);
  });

  it('loses no reader when the api is killed and another one takes over', async () => {
    await run.start(env({ ROLES: 'receiver' }));
    let api = await run.start(env({ ROLES: 'api' }));
    const traffic = run.send(() => api);
    const readers = run.read(() => api);
    for (let round = 0; round < 3; round += 1) {
      const next = await run.start(env({ ROLES: 'api' }));
      await traffic.more(500);
      const killed = api;
      api = next;
      killed.kill('SIGKILL');
    }
    await traffic.more(500);
    await run.verify(store);
    expect(readers.history.resumptions, 'streams that went on elsewhere').to.be.at.least(9);
  });
});

async function storedBy(receiver: SpawnedProgram): Promise<number> {
  const metrics = await (await fetch(`${receiver.url}/metrics`)).text();
  return Number(/^postrider_messages_stored_total (\d+)$/m.exec(metrics)?.[1] ?? 0);
}
