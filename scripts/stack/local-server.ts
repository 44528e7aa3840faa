import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardFolder, unguardFolder } from './guard.js';
import type { Server } from './server.js';
import type { ServerProcess } from './server-process.js';

/** Base class of servers that run as child processes. */
export abstract class LocalServer implements Server {
  private process: ServerProcess | undefined;

  protected constructor(readonly folder: string) {}

  abstract get port(): number;
  abstract get address(): string;

  protected abstract launch(): Promise<ServerProcess>;
  protected abstract waitUntilReady(process: ServerProcess): Promise<void>;

  protected get outputFile(): string {
    return join(this.folder, 'output.log');
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  async start(): Promise<void> {
    this.process ??= await this.launch();
    this.process.start();
    await this.waitUntilReady(this.process);
  }

  async stop(): Promise<void> {
    this.process?.signal('SIGCONT');
    await this.process?.stop();
  }

  async kill(): Promise<void> {
    await this.process?.kill();
  }

  pause(): Promise<void> {
    this.process?.signal('SIGSTOP');
    return Promise.resolve();
  }

  resume(): Promise<void> {
    this.process?.signal('SIGCONT');
    return Promise.resolve();
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
    unguardFolder(this.folder);
  }
}

/** Returns the given folder, created if missing, or a new temporary one, which is removed when this process ends. */
export async function serverFolder(name: string, existing?: string): Promise<string> {
  if (existing !== undefined) {
    await mkdir(existing, { recursive: true });
    return existing;
  }
  const folder = await mkdtemp(join(tmpdir(), `postrider-${name}-`));
  guardFolder(folder);
  return folder;
}
