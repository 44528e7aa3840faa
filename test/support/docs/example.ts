import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { eventually } from '../eventually.js';

/** A program in examples/, run as its README says. */
export class Example {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(command: readonly [string, ...string[]], url: string) {
    const [program, ...args] = command;
    const env = { ...process.env, POSTRIDER_URL: url };
    this.child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.child.once('close', resolve);
      this.child.once('error', ({ message }) => {
        this.stderr += message;
        resolve(null);
      });
    });
  }

  async waitForOutput(text: string, times = 1): Promise<void> {
    await eventually(
      () => this.stdout.split(text).length > times,
      () => `not ${String(times)} times "${text}" in: ${this.stdout}${this.stderr}`,
    );
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

export const hasPython = (): boolean => spawnSync('python3', ['--version']).status === 0;
