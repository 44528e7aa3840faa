import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { eventually } from '../../support/eventually.js';
import { EventStream } from '../../support/http/event-stream.js';
import { EmbeddedFaultStore } from '../../faults/stores/embedded-store.js';
import { FaultRun } from '../../faults/fault-run.js';
import { SIGNAL_MARKER } from '../../support/program/signal-marker.js';
import type { SpawnedProgram } from '../../support/program/spawned-program.js';
import { temporaryFolder } from '../../support/program/spawned-program.js';
import { usePrograms } from '../../support/program/use-programs.js';

describe('Shutting down the program on the embedded back end', function () {
  this.timeout(40_000);
  const { start, spawn } = usePrograms();
  const sockets: Socket[] = [];

  async function open({ url }: SpawnedProgram): Promise<Socket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  /** A request whose body never ends. */
  async function hangOn(program: SpawnedProgram): Promise<Socket> {
    const socket = await open(program);
    socket.write(
      'POST /send-message HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{',
    );
    await sleep(200);
    return socket;
  }

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  it('ends streams, long polls and waiting sends at once', async () => {
    // No client is served, so no message is ever settled.
    const program = await start({ RECEIVER_CLIENTS: 'nobody' });
    const inbox = `${program.url}/clients/b/inbox`;
    const stream = await EventStream.open(`${inbox}/stream`);
    const poll = fetch(`${inbox}?wait=30`);
    const send = fetch(`${program.url}/send-message`, {
      ...{ method: 'POST', body: JSON.stringify({ from: 'a', to: 'b', message: 'hello' }) },
      headers: { 'content-type': 'application/json', prefer: 'wait=30' },
    });
    await sleep(500);
    const began = Date.now();
    program.kill('SIGTERM');
    await stream.waitForEnd();
    expect([(await poll).status, (await send).status]).to.deep.equal([200, 202]);
    expect(await program.ended).to.deep.equal({ code: 0, signal: null });
    expect(Date.now() - began).to.be.below(3_000);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`loses no acknowledged message on ${signal} under traffic`, async () => {
      const run = new FaultRun();
      const folder = temporaryFolder();
      const program = await run.start({ DATA_DIR: folder });
      const traffic = run.send(() => program);
      await traffic.more(300);
      program.kill(signal);
      expect(await program.ended).to.deep.equal({ code: 0, signal: null });
      await run.end();
      const again = await start({ DATA_DIR: folder });
      await eventually(async () => (await lag(again)) === 0);
      await again.stop();
      const store = new EmbeddedFaultStore(folder, [...traffic.acknowledged.keys()]);
      try {
        expect(await run.verify(store)).to.have.nested.property('counts.failed', 0);
      } finally {
        await store.close();
      }
    });
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`exits with code 0 on ${signal} at any moment of its start`, async () => {
      for (let delayMs = 0; delayMs <= 1_200; delayMs += 150) {
        const program = spawn({ ...SIGNAL_MARKER });
        const ending = await program.killAfterStart(signal, delayMs);
        expect(ending, `${String(delayMs)} ms: ${program.stderr}`).to.deep.equal({ code: 0, signal: null });
      }
    });
  }

  it('exits quickly with code 0 while clients hold idle connections', async () => {
    const program = await start({});
    // fetch keeps its connection for the next request.
    await (await fetch(`${program.url}/health/live`)).text();
    const began = Date.now();
    program.kill('SIGTERM');
    expect((await program.ended).code).to.equal(0);
    expect(Date.now() - began).to.be.below(3_000);
  });

  it('cuts a request that does not end, and still exits with code 0 in time', async () => {
    const program = await start({ SHUTDOWN_TIMEOUT_MS: '2000' });
    const socket = await hangOn(program);
    const closed = once(socket, 'close');
    const began = Date.now();
    program.kill('SIGTERM');
    expect((await program.ended).code).to.equal(0);
    expect(Date.now() - began).to.be.within(1_000, 2_500);
    await closed;
  });

  it('is not ready from the beginning of the shutdown', async () => {
    const program = await start({});
    const asking = await open(program);
    // A stopping server still answers requests in flight.
    asking.write('GET /health/ready HTTP/1.1\r\nhost: x\r\n');
    await sleep(200);
    program.kill('SIGTERM');
    await eventually(() => program.logLines().some(({ event }) => event === 'program.stopping'));
    asking.write('\r\n');
    const [answer] = (await once(asking, 'data')) as [Buffer];
    expect(answer.toString())
      .to.match(/^HTTP\/1\.1 503 /)
      .and.to.include('"status":"not-ready"');
  });

  it('exits at once on a second signal more than a second later', async () => {
    const program = await start({});
    await hangOn(program);
    program.kill('SIGTERM');
    await sleep(300);
    program.kill('SIGINT');
    await sleep(900);
    expect(isRunning(program)).to.equal(true);
    const began = Date.now();
    program.kill('SIGINT');
    expect(await program.ended).to.deep.equal({ code: 1, signal: null });
    expect(Date.now() - began).to.be.below(1_000);
  });
});

function isRunning({ pid }: SpawnedProgram): boolean {
  try {
    return process.kill(pid ?? 0, 0);
  } catch {
    return false;
  }
}

async function lag({ url }: SpawnedProgram): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const lines = [...metrics.matchAll(/^postrider_lag_records\{.*\} (\d+)$/gm)];
  return lines.reduce((sum, [, records]) => sum + Number(records), 0);
}
