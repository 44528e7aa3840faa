import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { guardServer, unguardServer } from './guard.js';

/** Longer than the 15 s for which MongoDB still serves its clients during a shutdown. */
const STOP_TIMEOUT_MS = 25_000;

/** A server as a child process, which always ends with this process. Its output goes to a file. */
export class ServerProcess {
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();

  constructor(
    private readonly command: string,
    private readonly args: readonly string[],
    readonly outputFile: string,
  ) {}

  get running(): boolean {
    return this.child !== undefined;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    if (this.child) throw new Error(`${this.command} is running already`);
    const child = spawn(this.command, this.args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const output = createWriteStream(this.outputFile, { flags: 'a' });
    child.stdout.pipe(output, { end: false });
    child.stderr.pipe(output, { end: false });
    this.child = child;
    if (child.pid !== undefined) guardServer(String(child.pid));
    this.ended = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('close', () => resolve());
    }).then(() => {
      if (child.pid !== undefined) unguardServer(String(child.pid));
      output.end();
      this.child = undefined;
    });
  }

  /** Sends SIGTERM, and SIGKILL if that takes too long. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    const killTimer = setTimeout(() => this.signal('SIGKILL'), STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(killTimer);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Polls until the server answers. Rejects with its last output if it exits or takes too long. */
  async waitUntilReady(ping: () => Promise<unknown>, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      try {
        await ping();
        return;
      } catch (error) {
        if (this.running && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
        else throw new Error(`${this.command} did not start: ${await this.lastOutput()}`, { cause: error });
      }
    }
  }

  private async lastOutput(): Promise<string> {
    const output = await readFile(this.outputFile, 'utf8').catch(() => '');
    return output.trim().split('\n').slice(-15).join('\n');
  }
}
