import { guardServer, unguardServer } from './guard.js';
import { runCommand } from './run-command.js';
import type { Server } from './server.js';

const TIMEOUT_MS = 120_000;

export const docker = (...args: readonly string[]): Promise<string> => runCommand('docker', args);

/** A server in its own container, on a published loopback port. */
export abstract class DockerServer implements Server {
  private created = false;

  protected constructor(
    readonly name: string,
    readonly port: number,
  ) {}

  abstract get address(): string;
  /** The arguments of `docker run` after the name. */
  protected abstract runArgs(): readonly string[];
  protected abstract ping(): Promise<unknown>;

  async start(): Promise<void> {
    // No --rm: after a kill the container must be restarted with its data.
    if (this.created) await docker('start', this.name);
    else await this.create();
    await this.waitUntilReady();
  }

  async stop(): Promise<void> {
    await docker('stop', this.name);
  }

  async kill(): Promise<void> {
    await docker('kill', '-s', 'KILL', this.name);
  }

  async pause(): Promise<void> {
    await docker('pause', this.name);
  }

  async resume(): Promise<void> {
    await docker('unpause', this.name);
  }

  async remove(): Promise<void> {
    await docker('rm', '-f', '-v', this.name);
    unguardServer(this.name);
  }

  private async create(): Promise<void> {
    guardServer(this.name);
    await docker('run', '-d', '--name', this.name, ...this.runArgs());
    this.created = true;
  }

  private async waitUntilReady(): Promise<void> {
    for (const deadline = Date.now() + TIMEOUT_MS; ;) {
      try {
        await this.ping();
        return;
      } catch (cause) {
        if (Date.now() > deadline || !(await this.isRunning())) {
          const output = await docker('logs', '--tail', '15', this.name).catch(String);
          throw new Error(`${this.name} did not start: ${output}`, { cause });
        }
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    }
  }

  private async isRunning(): Promise<boolean> {
    return (await docker('inspect', '-f', '{{.State.Running}}', this.name)).trim() === 'true';
  }
}
