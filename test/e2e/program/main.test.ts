import { expect } from 'chai';
import { Kafka, logLevel } from 'kafkajs';
import { freePort } from '../../../scripts/stack/free-port.js';
import type { MongoServer } from '../../../scripts/stack/server.js';
import { newMongo } from '../../../scripts/stack/servers.js';
import { Conversation } from '../../support/clients/conversation.js';
import { eventually } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { freshDatabase } from '../../support/servers/test-servers.js';
import type { ProgramEnv } from '../../support/program/spawned-program.js';
import { usePrograms } from '../../support/program/use-programs.js';

interface Ready {
  readonly status: number;
  readonly degraded: boolean;
  readonly states: Readonly<Record<string, string>>;
}

const MESSAGE = { from: 'clientA', to: 'clientB', message: 'hello' };

describe('The program on the full back end', function () {
  this.timeout(90_000);
  const { start, spawn } = usePrograms();
  const servers: MongoServer[] = [];

  async function mongoAt(port: number, replicaSet: boolean): Promise<MongoServer> {
    const server = await newMongo({ port, replicaSet });
    servers.push(server);
    await server.start();
    return server;
  }

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.remove()));
  });

  it('prints which servers it uses, and how to run without them', async () => {
    const env = await fullBackend();
    const { stdout } = await start(env);
    const database = String(env['MONGODB_URI']).split('?')[0];
    expect(stdout).to.include(
      `full, Kafka at ${String(env['KAFKA_BROKER'])}, MongoDB at ${String(database)} (`,
    );
    expect(stdout).to.include('BACKEND=embedded does without servers');
  });

  it('reports no error after a healthy first start', async () => {
    const { url } = await start(await fullBackend());
    await eventually(async () => !(await readiness(url)).degraded);
    expect(await (await fetch(`${url}/health/ready`)).text()).not.to.include('lastError');
  });

  it('serves metrics, with the lag of its partitions', async () => {
    const { url } = await start(await fullBackend());
    const conversation = new Conversation(url);
    await eventually(async () => !(await readiness(url)).degraded);
    expect(await conversation.send(MESSAGE)).to.equal(201);
    await conversation.storedMessages(1);
    await eventually(async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return (
        /^postrider_lag_records\{.*\} 0$/m.test(metrics) &&
        metrics.includes('postrider_messages_stored_total 1')
      );
    });
    expect(await readiness(url)).to.deep.equal({
      status: 200,
      degraded: false,
      states: { log: 'up', store: 'up' },
    });
  });

  it('starts without its servers, and logs what is down', async () => {
    const began = Date.now();
    const { url } = await start(await unreachable());
    expect(Date.now() - began).to.be.below(5_000);
    expect(await readiness(url)).to.deep.equal({
      status: 503,
      degraded: true,
      states: { log: 'down', store: 'down' },
    });
    const lists = await Promise.all(['/messages', '/failed-messages'].map((path) => fetch(`${url}${path}`)));
    expect(lists.map(({ status }) => status)).to.deep.equal([503, 503]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics)
      .to.include('postrider_dependency_up{dependency="store"} 0')
      .and.not.include('failures_unresolved 0');
  });

  it('returns 503 for a send on time while Kafka is down', async () => {
    const { url } = await start({ ...(await unreachable()), SEND_TIMEOUT_MS: '1500' });
    const began = Date.now();
    const response = await fetch(`${url}/send-message`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(MESSAGE),
    });
    expect(response.status).to.equal(503);
    expect(Date.now() - began).to.be.below(3_000);
    expect(response.headers.get('retry-after')).to.match(/^\d+$/);
    const { outcome } = (await response.json()) as { outcome: string };
    expect(outcome).to.be.oneOf(['not-sent', 'unknown']);
  });

  it('accepts sends while MongoDB is down, and stores them when it is up', async () => {
    const port = await freePort();
    const uri = `mongodb://127.0.0.1:${String(port)}/${freshDatabase()}?directConnection=true`;
    const env = { ...(await fullBackend()), MONGODB_URI: uri };
    const api = await start({ ...env, ROLES: 'api' });
    const receiver = await start({ ...env, ROLES: 'receiver' });
    const conversation = new Conversation(api.url);
    await eventually(async () => (await readiness(api.url)).status === 200);
    expect(await conversation.send(MESSAGE)).to.equal(201);
    expect(await readiness(api.url)).to.deep.include({ status: 200, degraded: true });
    expect((await readiness(receiver.url)).status).to.equal(503);
    await mongoAt(port, true);
    const [stored] = await conversation.storedMessages(1);
    expect(stored).to.include(MESSAGE);
    await eventually(async () => (await readiness(receiver.url)).status === 200);
  });

  it('serves only the operations routes if it only receives', async () => {
    const { url, stdout } = await start({
      ...(await fullBackend()),
      ROLES: 'receiver',
      RECEIVER_CLIENTS: 'clientB',
    });
    expect(stdout).to.include("receives for clientB: others' mail waits in the log");
    expect(stdout).to.include(`try: curl ${url}/health/ready`);
    expect((await fetch(`${url}/health/live`)).status).to.equal(200);
    expect((await fetch(`${url}/messages`)).status).to.equal(404);
  });

  const COMMANDS = [/mongod --replSet rs0/, /mongosh .* --eval "rs\.initiate\(\)"/];

  it('rejects a standalone MongoDB at start, and prints the two commands that fix it', async () => {
    const server = await mongoAt(await freePort(), false);
    const program = spawn({ ...(await fullBackend()), MONGODB_URI: `${server.address}/test` });
    expect(await program.ended).to.deep.equal({ code: 1, signal: null });
    expect(program.stdout).to.equal('');
    for (const command of COMMANDS) expect(program.stderr).to.match(command);
  });

  it('rejects a standalone MongoDB that starts later in the same way', async () => {
    const port = await freePort();
    const program = await start({
      ...(await fullBackend()),
      MONGODB_URI: `mongodb://127.0.0.1:${String(port)}/test`,
    });
    await mongoAt(port, false);
    expect(await program.ended).to.deep.equal({ code: 1, signal: null });
    for (const command of COMMANDS) expect(program.stderr).to.match(command);
  });

  const compacted = async (env: ProgramEnv): Promise<void> => {
    const admin = new Kafka({ brokers: [String(env['KAFKA_BROKER'])], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const configEntries = [{ name: 'cleanup.policy', value: 'compact' }];
    const topics = [
      { topic: String(env['KAFKA_TOPIC']) },
      { topic: String(env['KAFKA_DLQ_TOPIC']), configEntries },
    ];
    await admin.createTopics({ topics, waitForLeaders: true });
    await admin.disconnect();
  };
  const COMPACTED = /^Postrider cannot continue: The topic \S+-dlq has cleanup\.policy=compact, .*\n$/;

  it('rejects a compacted topic at start, in one line', async () => {
    const env = { ...(await fullBackend()), LOG_LEVEL: 'error' };
    await compacted(env);
    const program = spawn(env);
    expect(await program.ended).to.deep.equal({ code: 1, signal: null });
    expect([program.stdout, program.stderr]).to.deep.equal(['', program.stderr.match(COMPACTED)?.[0]]);
  });

  it('rejects a topic that becomes compacted later in the same way', async () => {
    const env = { ...(await fullBackend()), LOG_LEVEL: 'error', KAFKA_CREATE_TOPICS: 'false' };
    const program = await start(env);
    await compacted(env);
    expect(await program.ended).to.deep.equal({ code: 1, signal: null });
    expect(program.stderr).to.match(COMPACTED);
  });

  it('rejects an invalid connection string, without repeating it', async () => {
    const program = spawn({
      ...(await fullBackend()),
      MONGODB_URI: 'mongodb://user:secret@h:x/test',
    });
    expect((await program.ended).code).to.equal(1);
    expect(program.stderr)
      .to.match(/^MONGODB_URI is no connection string/m)
      .and.not.include('secret');
  });
});

async function readiness(url: string): Promise<Ready> {
  const response = await fetch(`${url}/health/ready`);
  const { degraded, dependencies } = (await response.json()) as {
    degraded: boolean;
    dependencies: Record<string, { state: string }>;
  };
  const states = Object.fromEntries(Object.entries(dependencies).map(([name, { state }]) => [name, state]));
  return { status: response.status, degraded, states };
}

async function unreachable(): Promise<ProgramEnv> {
  const [kafka, mongo] = [await freePort(), await freePort()];
  return {
    KAFKA_BROKER: `127.0.0.1:${String(kafka)}`,
    MONGODB_URI: `mongodb://127.0.0.1:${String(mongo)}/${freshDatabase()}`,
  };
}
