import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { guardFolder, guardServer, unguardServer } from '../../../scripts/stack/guard.js';
import { eventually } from '../eventually.js';

export type ProgramEnv = Readonly<Record<string, string>>;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const START_TIMEOUT_MS = 15_000;

/** A folder that is deleted after the test run, for `DATA_DIR` and the like. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postrider-test-'));
  guardFolder(folder);
  return folder;
}

/** The built program in a separate process, in an empty folder, with only PATH of our environment. */
export class SpawnedProgram {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Exit>;
  private hasEnded = false;

  private constructor(private readonly child: ChildProcess) {
    const pid = String(child.pid);
    guardServer(pid);
    child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.hasEnded = true;
        unguardServer(pid);
        resolve({ code, signal });
      });
    });
  }

  static spawn(env: ProgramEnv, cwd = temporaryFolder()): SpawnedProgram {
    const child = spawn(process.execPath, [MAIN], {
      cwd,
      env: { PATH: process.env['PATH'], PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new SpawnedProgram(child);
  }

  /** Resolves once it listens; rejects with its output if it exits instead. */
  static async start(env: ProgramEnv, cwd?: string): Promise<SpawnedProgram> {
    const program = SpawnedProgram.spawn(env, cwd);
    try {
      await program.waitUntilListening();
    } catch (error) {
      program.kill('SIGKILL');
      throw error;
    }
    return program;
  }

  /**
   * Sends the signal some time after the program began to listen for signals; needs `SIGNAL_MARKER` in its
   * environment.
   */
  async killAfterStart(signal: NodeJS.Signals, delayMs: number): Promise<Exit> {
    await eventually(
      () => this.stderr.includes('listens for signals'),
      () => this.stderr,
    );
    await sleep(delayMs);
    this.kill(signal);
    return this.ended;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get url(): string {
    const url = /listening on (https?:\/\/\S+)/.exec(this.stdout)?.[1];
    if (url === undefined) throw new Error('the program does not listen yet');
    return url;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Stops it as an operator would, and fails if it does not exit with code 0. */
  async stop(): Promise<void> {
    this.kill('SIGTERM');
    const { code } = await this.ended;
    if (code !== 0) throw new Error(`the program ended with ${String(code)}: ${this.stderr}`);
  }

  /** The lines that it has logged at the level `error` so far. */
  errors(): string {
    const lines = this.logLines().filter(({ level }) => level === 'error');
    return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  }

  /** The JSON lines that it has logged so far. */
  logLines(): Readonly<Record<string, unknown>>[] {
    const lines = this.stderr.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Resolves once it listens; rejects with its output if it exits, or takes too long. */
  async waitUntilListening(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!this.stdout.includes('listening on')) {
      if (this.hasEnded)
        throw new Error(`the program ended before it listened: ${this.stdout}${this.stderr}`);
      if (Date.now() > deadline) throw new Error(`the program does not listen: ${this.stdout}${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
