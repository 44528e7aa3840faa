import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pingKafka, pingMongo } from './ping.js';
import { cacheFolder } from './cache.js';
import { isFree } from './free-port.js';
import { kafkaJars } from './kafka-jars.js';
import { mongodBinary } from './mongod-binary.js';
import { KAFKA_PORT, MONGODB_PORT } from './default-addresses.js';

const UP_TIMEOUT_MS = 90_000;
const DOWN_TIMEOUT_MS = 40_000;
const KEEPER = fileURLToPath(new URL('local-stack-keeper.ts', import.meta.url));

/**
 * Both servers, run by a keeper process in the background, which `down` stops by its pid. Their data stays in
 * the folder.
 */
export class LocalStack {
  private readonly pidFile: string;
  private readonly outputFile: string;

  constructor(
    private readonly folder = cacheFolder('stack'),
    private readonly kafkaPort = KAFKA_PORT,
    private readonly mongodbPort = MONGODB_PORT,
  ) {
    this.pidFile = join(folder, 'keeper.pid');
    this.outputFile = join(folder, 'output.log');
  }

  /** Starts the servers unless both already answer. Resolves when both answer. */
  async up(): Promise<void> {
    if (await this.isUp()) return;
    let keeper: ChildProcess | undefined;
    if ((await this.keeperPid()) === undefined) {
      await this.requireFreePorts();
      await Promise.all([kafkaJars(), mongodBinary()]);
      keeper = await this.startKeeper();
    }
    await this.waitFor(() => this.isUp(), UP_TIMEOUT_MS, 'The servers did not start', keeper);
  }

  /** Stops the servers if they run. Resolves when they have ended. */
  async down(): Promise<void> {
    const pid = await this.keeperPid();
    if (pid === undefined) return;
    process.kill(pid, 'SIGTERM');
    await this.waitFor(
      async () => (await this.keeperPid()) === undefined,
      DOWN_TIMEOUT_MS,
      'The servers did not stop in time',
    );
  }

  private async requireFreePorts(): Promise<void> {
    for (const port of [this.kafkaPort, this.mongodbPort]) {
      if (await isFree(port)) continue;
      throw new Error(`Port ${port} is in use by another program. Stop that program first.`);
    }
  }

  private async startKeeper(): Promise<ChildProcess> {
    await mkdir(this.folder, { recursive: true });
    // A killed keeper leaves this file behind. Its pid was checked above.
    await rm(this.pidFile, { force: true });
    const output = await open(this.outputFile, 'w');
    const ports = [String(this.kafkaPort), String(this.mongodbPort)];
    const child = spawn(process.execPath, ['--import', 'tsx', KEEPER, this.folder, ...ports], {
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    await output.close();
    child.unref();
    return child;
  }

  /** Returns the pid in the file if that process is a keeper. By now another program may have the pid. */
  private async keeperPid(): Promise<number | undefined> {
    const pid = Number(await readFile(this.pidFile, 'utf8').catch(() => ''));
    const commandLine = pid > 0 ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : '';
    return commandLine.includes('local-stack-keeper') ? pid : undefined;
  }

  private isUp(): Promise<boolean> {
    const mongodb = `mongodb://localhost:${this.mongodbPort}`;
    return Promise.all([pingKafka(`localhost:${this.kafkaPort}`), pingMongo(mongodb, true)]).then(
      () => true,
      () => false,
    );
  }

  private async waitFor(
    condition: () => Promise<boolean>,
    timeoutMs: number,
    problem: string,
    keeper?: ChildProcess,
  ): Promise<void> {
    for (const deadline = Date.now() + timeoutMs; !(await condition());) {
      const hasExited = keeper !== undefined && (keeper.exitCode !== null || keeper.signalCode !== null);
      if (hasExited || Date.now() > deadline) throw new Error(`${problem}; see ${this.outputFile}.`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
