import { spawn, type ChildProcess } from 'node:child_process';
import { eventually } from '../eventually.js';

/**
 * A script in a separate process, which prints lines. It imports sources by paths relative to the repository's root.
 */
export class Child {
  output = '';
  readonly ended: Promise<number | null>;
  private readonly process: ChildProcess;

  constructor(script: string) {
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    this.process = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
    this.ended = new Promise((resolve) => this.process.once('close', resolve));
  }

  async waitForOutput(text: string | RegExp): Promise<void> {
    await eventually(
      () => this.output.search(text) >= 0,
      () => this.output,
    );
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }
}
