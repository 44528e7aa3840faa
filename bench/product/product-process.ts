import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guardFolder, guardServer, unguardFolder, unguardServer } from '../../scripts/stack/guard.js';
import type { Resources } from '../resources.js';

export type ProgramEnv = Readonly<Record<string, string>>;

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url));
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 20_000;

function portFrom(text: string): number {
  return Number(/listening on http:\/\/[^\s:]+:(\d+)/.exec(text)?.[1]);
}

/** The options that `npm start` passes to Node. */
function startFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { scripts: { start: string } };
  return scripts.start.match(/--[\w-]+=\S+/g) ?? [];
}

/**
 * With BENCH_PROFILE=folder each process writes a CPU profile to the folder when it ends. This distorts the figures.
 */
function profiling(): string[] {
  const folder = process.env['BENCH_PROFILE'];
  return folder === undefined || folder === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(folder)}`];
}

/** The built program in its own process, with only PATH from this process's environment. */
export class ProductProcess {
  private output = '';
  private readonly ended: Promise<void>;
  private hasEnded = false;
  private listeningPort = NaN;

  private constructor(
    private readonly child: ChildProcess,
    folder: string,
  ) {
    const pid = String(child.pid);
    guardServer(pid);
    guardFolder(folder);
    for (const stream of [child.stdout, child.stderr]) {
      // Keep the last output for error messages.
      stream?.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-4_000);
        // Remember the port, because later output may push its line out of the buffer.
        if (Number.isNaN(this.listeningPort)) this.listeningPort = portFrom(this.output);
      });
    }
    this.ended = new Promise((resolve) => {
      child.once('close', () => {
        this.hasEnded = true;
        unguardServer(pid);
        rmSync(folder, { recursive: true, force: true });
        unguardFolder(folder);
        resolve();
      });
    });
  }

  /** Starts the program. Resolves when it listens. It is stopped when the resources are closed. */
  static async start(resources: Resources, env: ProgramEnv): Promise<ProductProcess> {
    const cwd = mkdtempSync(join(tmpdir(), 'postrider-bench-'));
    const child = spawn(process.execPath, [...startFlags(), ...profiling(), MAIN], {
      cwd,
      env: { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const program = resources.add(new ProductProcess(child, cwd), (started) => started.stop());
    await program.waitUntilListening();
    return program;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get port(): number {
    return this.listeningPort;
  }

  /** Sends SIGTERM, and SIGKILL after a timeout. May be called twice. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const killTimer = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(killTimer);
  }

  private async waitUntilListening(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Number.isNaN(this.port)) {
      if (this.hasEnded || Date.now() > deadline)
        throw new Error(`The program does not listen: ${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
