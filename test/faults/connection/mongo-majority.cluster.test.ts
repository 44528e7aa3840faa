import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { LocalMongo } from '../../../scripts/stack/local-mongo.js';
import type { LocalMongoSet } from '../../../scripts/stack/local-mongo-set.js';
import type { Server } from '../../../scripts/stack/server.js';
import { newKafka, newMongoSet } from '../../../scripts/stack/servers.js';
import { eventually } from '../../support/eventually.js';
import type { SpawnedProgram } from '../../support/program/spawned-program.js';
import { FaultRun } from '../fault-run.js';
import { MongoFaultStore } from '../stores/mongo-store.js';
import type { Traffic } from '../traffic.js';

/** The store must be reported as down within this time. */
const DETECTION_MS = 25_000;
const OUTAGE_MS = 40_000;
const PAUSE_MS = 100;
const LOSSES = [
  {
    how: 'frozen',
    // The primary stays primary that long, and accepts writes that it cannot confirm.
    electionTimeoutMs: 120_000,
    lose: (node: LocalMongo) => node.pause(),
    bringBack: (node: LocalMongo) => node.resume(),
  },
  {
    how: 'killed',
    electionTimeoutMs: 10_000,
    lose: (node: LocalMongo) => node.kill(),
    bringBack: (node: LocalMongo) => node.start(),
  },
];

interface Readiness {
  readonly dependencies: { readonly store: { readonly state: string } };
}

describe('The program on three MongoDB nodes', function () {
  this.timeout(300_000);
  let kafka: Server;
  let set: LocalMongoSet;
  let run: FaultRun;
  let api: SpawnedProgram;
  let receiver: SpawnedProgram;
  let store: MongoFaultStore;
  let traffic: Traffic;

  before(async () => {
    kafka = await newKafka();
    await kafka.start();
  });
  after(() => kafka.remove());

  async function start(electionTimeoutMs: number): Promise<LocalMongoSet> {
    run = new FaultRun();
    set = await newMongoSet({ electionTimeoutMs });
    await set.start();
    await set.waitUntilComplete();
    const env = {
      KAFKA_BROKER: kafka.address,
      KAFKA_TOPIC: `${run.name}-messages`,
      KAFKA_DLQ_TOPIC: `${run.name}-dlq`,
      KAFKA_GROUP_PREFIX: run.name,
      MONGODB_URI: set.databaseAddress(`${run.name}-test`),
      // With this setting, one counted attempt is one dead letter.
      RETRY_MAX: '0',
    };
    api = await run.start({ ...env, ROLES: 'api' });
    receiver = await run.start({ ...env, ROLES: 'receiver' });
    store = new MongoFaultStore(set.address, `${run.name}-test`);
    traffic = run.send(() => api, { pauseMs: PAUSE_MS });
    await traffic.more(500);
    await eventually(async () => (await metric('messages_stored_total')) > 0);
    return set;
  }
  afterEach(async () => {
    await run.end();
    await store.close();
    await set.remove();
  });

  const metric = async (name: string, label = ''): Promise<number> => {
    const metrics = await (await fetch(`${receiver.url}/metrics`)).text();
    const lines = metrics.split('\n').filter((line) => line.startsWith(`postrider_${name}`));
    const values = lines.filter((line) => line.includes(label)).map((line) => Number(line.split(' ').at(-1)));
    expect(values, name).not.to.deep.equal([]);
    return values.reduce((sum, value) => sum + value, 0);
  };

  async function isNotReady(): Promise<boolean> {
    const response = await fetch(`${receiver.url}/health/ready`);
    const { dependencies } = (await response.json()) as Readiness;
    return response.status === 503 && dependencies.store.state === 'down';
  }

  async function isOutageReported(): Promise<boolean> {
    if (!(await isNotReady())) return false;
    expect(await metric('dependency_up', 'store')).to.equal(0);
    return (await metric('outage_seconds_total', 'store')) > 0;
  }

  /** Checks that the receiver reports the outage in time and keeps doing so, while sends are answered as usual. */
  async function expectOutage(): Promise<void> {
    const { unacknowledged } = traffic;
    const began = performance.now();
    await eventually(isOutageReported, () => receiver.stderr, DETECTION_MS, 100);
    process.stdout.write(`        reported after ${((performance.now() - began) / 1_000).toFixed(1)} s\n`);
    while (performance.now() - began < OUTAGE_MS) {
      expect(await isNotReady(), receiver.stderr).to.equal(true);
      await sleep(500);
    }
    expect(traffic.unacknowledged).to.equal(unacknowledged);
    await traffic.more(100, 5_000);
  }

  async function expectNothingCounted(): Promise<void> {
    await eventually(
      async () => !(await isNotReady()),
      () => receiver.stderr,
      60_000,
    );
    await traffic.more(100);
    const { counts } = await run.verify(store);
    expect(counts).to.deep.include({ failed: 0, stored: counts.acknowledged });
    for (const name of ['retries_total', 'dead_letters_total', 'failures_recorded_total']) {
      expect(await metric(name), name).to.equal(0);
    }
  }

  for (const { how, electionTimeoutMs, lose, bringBack } of LOSSES) {
    it(`waits out an outage while two nodes are ${how}, and loses, repeats and counts nothing`, async () => {
      const nodes = await start(electionTimeoutMs);
      const lost = await nodes.secondaries();
      await Promise.all(lost.map(lose));
      await expectOutage();
      await Promise.all(lost.map(bringBack));
      await expectNothingCounted();
    });
  }

  it('continues with another primary when the primary freezes, and loses, repeats and counts nothing', async () => {
    const nodes = await start(3_000);
    const frozen = await nodes.primary();
    const before = await metric('messages_stored_total');
    await frozen.pause();
    await eventually(
      async () => (await metric('messages_stored_total')) > before + 100,
      () => receiver.stderr,
      60_000,
    );
    await sleep(5_000);
    await frozen.resume();
    await expectNothingCounted();
  });
});
