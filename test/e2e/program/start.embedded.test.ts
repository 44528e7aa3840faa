import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { freePort } from '../../../scripts/stack/free-port.js';
import { Conversation } from '../../support/clients/conversation.js';
import { eventually } from '../../support/eventually.js';
import { SIGNAL_MARKER } from '../../support/program/signal-marker.js';
import { temporaryFolder } from '../../support/program/spawned-program.js';

/** A separate checkout without a build, so that changing it affects no other test. */
function checkout(): string {
  const root = temporaryFolder();
  const files = readdirSync('.').filter((name) => /^(package|tsconfig.*)\.json$/.test(name));
  for (const path of ['src', 'scripts', ...files]) cpSync(path, join(root, path), { recursive: true });
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  return root;
}

/** `npm start` in its own process group, as in a terminal. */
class NpmStart {
  output = '';
  private readonly child: ChildProcess;

  private constructor(
    root: string,
    readonly url: string,
  ) {
    this.child = spawn('npm', ['start'], {
      cwd: root,
      env: {
        ...SIGNAL_MARKER,
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        PORT: new URL(url).port,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk) => (this.output += String(chunk)));
    }
  }

  static async run(root: string): Promise<NpmStart> {
    return new NpmStart(root, `http://127.0.0.1:${String(await freePort())}`);
  }

  /** Resolves once this text is in the output. */
  async says(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`npm start ended: ${this.output}`);
      const { stdout, stderr } = this.child;
      await Promise.race([once(this.child, 'exit'), once(stdout!, 'data'), once(stderr!, 'data')]);
    }
  }

  /** Whether a process of its group is left. */
  get isRunning(): boolean {
    try {
      return process.kill(-this.child.pid!, 0);
    } catch {
      return false;
    }
  }

  /** Signals npm only, as a supervisor does. */
  async terminate(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended();
  }

  /** Signals everything in the foreground, as a terminal does. */
  async interrupt(): Promise<number | null> {
    process.kill(-this.child.pid!, 'SIGINT');
    return this.ended();
  }

  killAll(): void {
    try {
      process.kill(-this.child.pid!, 'SIGKILL');
    } catch {
      // The group has ended.
    }
  }

  private async ended(): Promise<number | null> {
    const [code] = await once(this.child, 'close');
    return code;
  }
}

describe('npm start', function () {
  this.timeout(120_000);
  const started: NpmStart[] = [];
  let root: string;

  async function run(): Promise<NpmStart> {
    const npm = await NpmStart.run(root);
    started.push(npm);
    return npm;
  }

  async function start(): Promise<NpmStart> {
    const npm = await run();
    await npm.says(`listening on ${npm.url}`);
    return npm;
  }

  const builtAt = (): number => statSync(join(root, 'dist/main.js')).mtimeMs;

  before(() => {
    root = checkout();
  });

  afterEach(() => {
    for (const npm of started.splice(0)) npm.killAll();
  });

  it('builds and starts the whole system, and stops it with code 0 when npm gets a signal', async () => {
    const npm = await start();
    const conversation = new Conversation(npm.url);
    expect(await conversation.send({ from: 'clientA', to: 'clientB', message: 'hello' })).to.equal(201);
    expect(await conversation.storedMessages(1)).to.have.lengthOf(1);
    expect(npm.output).to.include('Building');

    expect(await npm.terminate()).to.equal(0);
    expect(npm.output).to.match(/"event":"program\.stopped".*"ending":"stopped"/);
  });

  it('starts without a build if nothing has changed, and stops with code 0 on Ctrl-C', async () => {
    const before = builtAt();
    const npm = await start();
    expect(npm.output).not.to.include('Building');
    expect(builtAt()).to.equal(before);

    expect(await npm.interrupt()).to.equal(0);
    expect(npm.output).to.match(/"event":"program\.stopped".*"ending":"stopped"/);
  });

  it('builds again if a source is newer than the build', async () => {
    const before = builtAt();
    const now = new Date(before + 1_000);
    utimesSync(join(root, 'src/main.ts'), now, now);
    const npm = await start();
    expect(npm.output).to.include('Building');
    expect(builtAt()).to.be.above(before);
    await npm.terminate();
  });

  for (const how of ['terminate', 'interrupt'] as const) {
    it(`exits with code 0 and leaves nothing running when told to ${how} during the build`, async () => {
      for (const delayMs of [0, 500, 2_000]) {
        const now = new Date(Date.now() + 1_000);
        utimesSync(join(root, 'src/main.ts'), now, now);
        const npm = await run();
        await npm.says('Building');
        await sleep(delayMs);
        expect(await npm[how](), npm.output).to.equal(0);
        await eventually(() => !npm.isRunning);
        expect(npm.output).not.to.include('listening on');
      }
    });

    it(`exits with code 0 and leaves nothing running when told to ${how} while it starts`, async () => {
      await (await start()).terminate();
      for (const delayMs of [0, 200, 400, 600, 800]) {
        const npm = await run();
        await npm.says(`listens for signals: ${join(root, 'scripts/start.mjs')}`);
        await sleep(delayMs);
        expect(await npm[how](), npm.output).to.equal(0);
        await eventually(() => !npm.isRunning);
      }
    });
  }
});
