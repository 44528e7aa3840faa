import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Conversation } from '../../support/clients/conversation.js';
import { SpawnedProgram, temporaryFolder, type ProgramEnv } from '../../support/program/spawned-program.js';
import { usePrograms } from '../../support/program/use-programs.js';

describe('The program on the embedded back end', function () {
  this.timeout(30_000);
  const { start } = usePrograms();

  it('prints its address, the back end, the folder, how to switch and what to try', async () => {
    const cwd = temporaryFolder();
    const { stdout, url } = await start({}, cwd);
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(stdout).to.include(`embedded, in ${join(cwd, 'data')}`);
    expect(stdout).to.include('KAFKA_BROKER and MONGODB_URI switch');
    expect(stdout).to.include(`try: curl -i ${url}/send-message`);
  });

  it('accepts a message, stores it and lists it', async () => {
    const { url } = await start();
    const conversation = new Conversation(url);
    expect(await conversation.send({ from: 'clientA', to: 'clientB', message: 'hello' })).to.equal(201);
    const [message] = await conversation.storedMessages(1);
    expect(message).to.include({ from: 'clientA', to: 'clientB', message: 'hello', __v: 0 });
  });

  it('lists an invalid send as failed, with the reason', async () => {
    const { url } = await start();
    const conversation = new Conversation(url);
    expect(await conversation.send({ from: 'clientA', to: 'clientB', message: '' })).to.equal(400);
    const [failed] = await conversation.failedMessages(1);
    expect(failed).to.include({
      reason: 'Message validation failed: message: Path `message` is required.',
    });
  });

  it('is ready, and serves metrics', async () => {
    const { url } = await start();
    const conversation = new Conversation(url);
    await conversation.send({ from: 'clientA', to: 'clientB', message: 'hello' });
    await conversation.storedMessages(1);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).to.equal(200);
    const readiness: unknown = await ready.json();
    expect(readiness).to.have.nested.property('dependencies.store.state', 'up');
    expect(JSON.stringify(readiness)).not.to.include('lastError');
    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const line of ['postrider_messages_accepted_total 1', 'postrider_messages_stored_total 1']) {
      expect(metrics).to.include(line);
    }
    expect(metrics).to.match(/^postrider_lag_records\{.*client-messages"/m);
    expect(metrics).to.include('postrider_queue_size{queue="sends"} 0');
    expect(metrics).to.include('postrider_failures_unresolved 0');
    expect(metrics).not.to.include('clientA');
  });

  it('keeps acknowledged messages when it is killed', async () => {
    const cwd = temporaryFolder();
    const first = await start({}, cwd);
    const sends = Array.from({ length: 50 }, (_, n) => ({
      from: 'clientA',
      to: 'clientB',
      message: `m${String(n)}`,
    }));
    const statuses = await Promise.all(sends.map((send) => new Conversation(first.url).send(send)));
    first.kill('SIGKILL');
    await first.ended;
    expect(statuses).to.deep.equal(sends.map(() => 201));
    const second = await start({}, cwd);
    const stored = await new Conversation(second.url).storedMessages(50);
    expect(stored.map(({ message }) => message)).to.have.members(sends.map(({ message }) => message));
  });

  it("keeps other clients' messages in the log for the receiver that serves them, and duplicates nothing", async () => {
    const cwd = temporaryFolder();
    const first = await start({ RECEIVER_CLIENTS: 'clientB' }, cwd);
    const conversation = new Conversation(first.url);
    await conversation.send({ from: 'clientB', to: 'clientA', message: 'for A' });
    await conversation.send({ from: 'clientA', to: 'clientB', message: 'for B' });
    expect((await conversation.storedMessages(1)).map(({ message }) => message)).to.deep.equal(['for B']);
    await first.stop();
    const second = await start({}, cwd);
    const stored = await new Conversation(second.url).storedMessages(2);
    expect(stored.map(({ message }) => message)).to.deep.equal(['for A', 'for B']);
  });

  it('reads .env, which the environment overrides', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, '.env'), 'HOST=127.0.0.2\nRECEIVER_CLIENTS=clientB\n');
    const program = await start({ HOST: '127.0.0.1' }, cwd);
    expect(program.url).to.include('127.0.0.1');
    expect(program.stdout).to.include("receives for clientB: others' mail waits in the log");
  });

  it('logs readable lines if LOG_FORMAT is pretty, without colours if there is no terminal', async () => {
    const program = await start({ LOG_FORMAT: 'pretty' });
    await program.stop();
    const [first, ...others] = program.stderr.trim().split('\n');
    expect(first).to.match(
      /^\d\d:\d\d:\d\d INFO {2}program\.started backend=embedded location=\S+ roles=.* port=\d+$/,
    );
    expect(others.map((line) => line.slice(9))).to.deep.equal([
      'INFO  program.stopping',
      'INFO  program.stopped ending=stopped',
    ]);
  });

  it('logs each request at debug, and none at other levels', async () => {
    for (const level of ['debug', 'info']) {
      const program = await start({ LOG_LEVEL: level });
      await new Conversation(program.url).send({ from: 'alice', to: 'bob', message: 'x' });
      await (await fetch(`${program.url}/clients/bob/inbox`)).text();
      await program.stop();
      const lines = program.logLines().filter(({ event }) => event === 'http.answered');
      const seen = lines.map(({ method, route, status, ms }) => [method, route, status, typeof ms]);
      const expected = [
        ['POST', '/send-message', 201, 'number'],
        ['GET', '/clients/:client/inbox', 200, 'number'],
      ];
      expect(seen).to.deep.equal(level === 'debug' ? expected : []);
    }
  });

  it('logs JSON lines without texts or names of messages', async () => {
    const program = await start({ LOG_LEVEL: 'debug' });
    const conversation = new Conversation(program.url);
    await conversation.send({ from: 'alice', to: 'bob', message: 'a-secret' });
    await conversation.send({ from: 'alice', to: 'bob', message: '' });
    await conversation.storedMessages(1);
    await program.stop();
    const lines = program.stderr.trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('{"time":"'))).to.deep.equal([]);
    expect(program.logLines().map(({ event }) => event)).to.include.members([
      'program.started',
      'program.stopped',
    ]);
    for (const secret of ['alice', 'bob', 'a-secret']) expect(program.stderr).not.to.include(secret);
  });
});

describe('The program does not start', function () {
  this.timeout(30_000);
  const { spawn } = usePrograms();

  const refused: readonly (readonly [string, ProgramEnv, RegExp])[] = [
    ['with an invalid port', { PORT: 'eighty' }, /^PORT must be a number, not "eighty"\n$/],
    [
      'with several invalid variables',
      { PORT: 'eighty', LOG_LEVEL: 'loud', ALERT_WEBHOOK_SECRET: 'secret' },
      /^PORT must be .*, not "eighty"\nLOG_LEVEL must be .*, not "loud"\nALERT_WEBHOOK_SECRET must be [^\n]*base64\n$/,
    ],
    ['in production without BACKEND', { NODE_ENV: 'production' }, /^BACKEND must be named .*\n$/],
    ['with Kafka and no MongoDB', { KAFKA_BROKER: 'localhost:9092' }, /^MONGODB_URI is missing, .*\n$/],
    ['with one role on the embedded back end', { ROLES: 'api' }, /^ROLES must be api,receiver .*\n$/],
    [
      'on an address of another machine',
      { HOST: '192.0.2.1' },
      /^HOST cannot be listened on .*192\.0\.2\.1.*\n$/,
    ],
    [
      'on a folder that cannot be created',
      { DATA_DIR: '/dev/null/x' },
      /^DATA_DIR cannot be used: "\/dev\/null\/x" .*\n$/,
    ],
    // Linux reports ENOENT for a new folder in /proc, although its parent exists.
    ...(process.platform === 'linux'
      ? [
          [
            'on a folder in a file system that has no room for it',
            { DATA_DIR: '/proc/postrider' },
            /^DATA_DIR cannot be used: "\/proc\/postrider" .*\n$/,
          ] as const,
        ]
      : []),
  ];
  for (const [what, env, line] of refused) {
    it(`${what}, and says so in one line for each variable`, async () => {
      const program = spawn(env);
      expect(await program.ended).to.deep.equal({ code: 1, signal: null });
      expect(program.stderr).to.match(line);
      expect(program.stdout).to.equal('');
    });
  }

  it('on a port that is in use', async () => {
    const first = await SpawnedProgram.start({});
    try {
      const second = spawn({ PORT: new URL(first.url).port });
      expect((await second.ended).code).to.equal(1);
      expect(second.stderr).to.match(/^PORT cannot be listened on [^\n]*EADDRINUSE[^\n]*\n$/);
    } finally {
      await first.stop();
    }
  });

  it('on a folder that another process uses', async () => {
    const cwd = temporaryFolder();
    const first = await SpawnedProgram.start({}, cwd);
    try {
      const second = spawn({}, cwd);
      expect((await second.ended).code).to.equal(1);
      expect(second.stderr).to.include(join(cwd, 'data'));
    } finally {
      await first.stop();
    }
  });
});
