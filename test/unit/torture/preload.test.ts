import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventually } from '../../support/eventually.js';
import { temporaryFolder } from '../../support/program/spawned-program.js';

const PRELOAD = new URL('../../../torture/faults/preload.mjs', import.meta.url).href;
const HOUR_MS = 3_600_000;
/** Prints the clock, and the result of one line sent to an echo server, every 20 ms. */
const SCRIPT = `
  import net from 'node:net';
  const socket = net.connect(Number(process.argv[1]), '127.0.0.1');
  let sent = 0;
  socket.on('connect', () => setInterval(() => socket.write(\`\${sent++}\\n\`), 20));
  socket.on('data', (chunk) => process.stdout.write(\`data \${String(chunk).trim().split('\\n').join(',')}\\n\`));
  socket.on('error', ({ code }) => process.stdout.write(\`error \${code}\\n\`));
  setInterval(() => process.stdout.write(\`clock \${Date.now()} \${new Date().getTime()}\\n\`), 20);
`;

describe('The torture preload', () => {
  let server: Server;
  let child: ChildProcess;
  let output = '';
  let control: (clockMs: number, mode?: string) => void;

  beforeEach(async () => {
    output = '';
    server = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const file = join(temporaryFolder(), 'control.json');
    control = (clockMs, mode) => {
      writeFileSync(`${file}.new`, JSON.stringify({ clockMs, links: mode ? { [port]: mode } : {} }));
      renameSync(`${file}.new`, file);
    };
    const args = ['--import', PRELOAD, '--input-type=module', '-e', SCRIPT, String(port)];
    control(0);
    child = spawn(process.execPath, args, {
      env: { TORTURE_CONTROL: file },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await eventually(() => received().length > 2);
  });

  afterEach(async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
    server.close();
  });

  /** The numbers that the server has echoed, in order of arrival. */
  const received = (): number[] =>
    [...output.matchAll(/^data (.*)$/gm)].flatMap(([, list = '']) => list.split(',').map(Number));
  const clocks = (): number[][] =>
    [...output.matchAll(/^clock (\d+) (\d+)$/gm)].map(([, now, date]) => [Number(now), Number(date)]);
  const inOrder = (): number[] => received().map((_, at) => at);

  it('steps the clock as the control file says, and back', async () => {
    control(HOUR_MS);
    const isStepped = (): boolean =>
      clocks().some((times) => times.every((time) => Math.abs(time - Date.now() - HOUR_MS) < 60_000));
    await eventually(isStepped, () => output);
    output = '';
    control(0);
    await eventually(() => Math.abs((clocks().at(-1)?.[0] ?? 0) - Date.now()) < 60_000);
  });

  it('delays everything while isolated, and delivers it in order afterwards', async () => {
    control(0, 'isolated');
    await new Promise((resolve) => setTimeout(resolve, 150));
    const before = received().length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(received().length).to.equal(before);
    control(0);
    await eventually(() => received().length > before + 5);
    expect(received()).to.deep.equal(inOrder());
  });

  it('keeps the order on a slow network', async () => {
    control(0, 'slow');
    const before = received().length;
    await eventually(() => received().length > before + 5);
    expect(received()).to.deep.equal(inOrder());
  });

  it('loses the response together with its connection', async () => {
    control(0, 'losing');
    await eventually(
      () => output.includes('error ECONNRESET'),
      () => output,
    );
  });
});
