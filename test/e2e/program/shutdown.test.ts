import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { FaultRun } from '../../faults/fault-run.js';
import { MongoFaultStore } from '../../faults/stores/mongo-store.js';
import { freePort } from '../../../scripts/stack/free-port.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { testMongo } from '../../support/servers/test-servers.js';
import { SIGNAL_MARKER } from '../../support/program/signal-marker.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';

describe('Shutting down the program on the full back end', function () {
  this.timeout(120_000);
  let run: FaultRun;

  beforeEach(() => {
    run = new FaultRun();
  });
  afterEach(() => run.end());

  it('loses no acknowledged message on SIGTERM under traffic', async () => {
    const env = await fullBackend();
    const program = await run.start({ ...env, LOG_LEVEL: 'info' });
    const traffic = run.send(() => program);
    await traffic.more(500);
    const began = Date.now();
    program.kill('SIGTERM');
    expect(await program.ended, program.stderr).to.deep.equal({ code: 0, signal: null });
    expect(Date.now() - began).to.be.below(8_000);
    await traffic.stop();
    await run.start(env);
    const database = new URL(String(env['MONGODB_URI'])).pathname.slice(1);
    const store = new MongoFaultStore(await testMongo(), database);
    try {
      expect(await run.verify(store)).to.have.nested.property('counts.failed', 0);
    } finally {
      await store.close();
    }
  });

  for (const [servers, environment] of [
    ['are there', fullBackend],
    ['do not answer', silentServers],
  ] as const) {
    it(`exits with code 0 on a signal at any moment of its start while the servers ${servers}`, async () => {
      const env = { ...(await environment()), ...SIGNAL_MARKER };
      const delays = [0, 300, 600, 900, 1_300, 1_800, 2_500, 4_000];
      for (const [at, delayMs] of delays.entries()) {
        const program = SpawnedProgram.spawn(env);
        try {
          const ending = await program.killAfterStart(at % 2 === 0 ? 'SIGTERM' : 'SIGINT', delayMs);
          expect(ending, `${String(delayMs)} ms: ${program.stderr}`).to.deep.equal({ code: 0, signal: null });
        } finally {
          program.kill('SIGKILL');
        }
      }
    });
  }

  it('hands its partitions over at once: another process continues without waiting for a timeout', async () => {
    const env = await fullBackend();
    const api = await run.start({ ...env, ROLES: 'api' });
    const first = await run.start({ ...env, ROLES: 'receiver' });
    const traffic = run.send(() => api);
    await traffic.more(300);
    const second = await run.start({ ...env, ROLES: 'receiver' });
    first.kill('SIGTERM');
    expect((await first.ended).code).to.equal(0);
    const began = Date.now();
    await traffic.stop();
    const database = new URL(String(env['MONGODB_URI'])).pathname.slice(1);
    const store = new MongoFaultStore(await testMongo(), database);
    try {
      await run.verify(store);
    } finally {
      await store.close();
    }
    expect(Date.now() - began).to.be.below(12_000);
    expect(second.logLines().filter(({ level }) => level === 'error')).to.deep.equal([]);
  });

  it('exits with code 0 in time while both servers are down and a send waits', async () => {
    const [kafka, mongo] = [await freePort(), await freePort()];
    const program = await run.start({
      KAFKA_BROKER: `127.0.0.1:${String(kafka)}`,
      MONGODB_URI: `mongodb://127.0.0.1:${String(mongo)}/postrider-test`,
      SHUTDOWN_TIMEOUT_MS: '6000',
      SEND_TIMEOUT_MS: '30000',
    });
    const sending = send(program);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const began = Date.now();
    program.kill('SIGTERM');
    expect(await sending).to.equal(503);
    expect(await program.ended, program.stderr).to.deep.equal({ code: 0, signal: null });
    expect(Date.now() - began).to.be.below(6_500);
  });
});

/** Addresses that accept connections and never answer, which takes longer to detect than a closed port. */
async function silentServers(): Promise<ProgramEnv> {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  silent.unref();
  await once(silent, 'listening');
  // It listens on TCP.
  const address = `127.0.0.1:${String((silent.address() as AddressInfo).port)}`;
  return { KAFKA_BROKER: address, MONGODB_URI: `mongodb://${address}/postrider-test` };
}

async function send({ url }: SpawnedProgram): Promise<number> {
  const response = await fetch(`${url}/send-message`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: 'clientA', to: 'clientB', message: 'hello' }),
  });
  return response.status;
}
