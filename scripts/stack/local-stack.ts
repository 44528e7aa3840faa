import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askKafka, askMongo } from './ask.js';
import { cacheFolder } from './cache.js';
import { KAFKA, KAFKA_PORT, MONGODB, MONGODB_PORT } from './usual-addresses.js';

const UP_MS = 180_000;
const DOWN_MS = 30_000;
const KEEPER = fileURLToPath(new URL('local-stack-keeper.ts', import.meta.url));

const folder = (): string => cacheFolder('stack');
const pidFile = (): string => join(folder(), 'keeper.pid');

/** Both servers under one keeper process in the background; ended by its pid. */
export const localStack = {
  async up(): Promise<void> {
    if (await answers()) return;
    for (const port of [KAFKA_PORT, MONGODB_PORT]) {
      if ((await keeperPid()) === undefined && (await isTaken(port))) {
        throw new Error(`Port ${String(port)} is taken by something else, and does not answer as it should.`);
      }
    }
    if ((await keeperPid()) === undefined) await startKeeper();
    await until(answers, UP_MS, 'the servers do not answer');
  },

  async down(): Promise<void> {
    const pid = await keeperPid();
    if (pid === undefined) return;
    process.kill(pid, 'SIGTERM');
    await until(async () => (await keeperPid()) === undefined, DOWN_MS, 'the servers do not end');
    await rm(pidFile(), { force: true });
  },
};

async function startKeeper(): Promise<void> {
  await mkdir(folder(), { recursive: true });
  const output = await open(join(folder(), 'output.log'), 'a');
  const child = spawn(process.execPath, ['--import', 'tsx', KEEPER, folder()], {
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
  });
  await output.close();
  child.unref();
}

/** The pid of the keeper, if it is one: the pid may be somebody else's by now. */
async function keeperPid(): Promise<number | undefined> {
  const pid = Number(await readFile(pidFile(), 'utf8').catch(() => ''));
  const commandLine = pid > 0 ? await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '') : '';
  return commandLine.includes('local-stack-keeper') ? pid : undefined;
}

async function answers(): Promise<boolean> {
  return Promise.all([askKafka(KAFKA), askMongo(MONGODB, true)]).then(
    () => true,
    () => false,
  );
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function until(isSo: () => Promise<boolean>, patienceMs: number, problem: string): Promise<void> {
  for (const deadline = Date.now() + patienceMs; !(await isSo());) {
    const log = join(folder(), 'output.log');
    if (Date.now() > deadline)
      throw new Error(`After ${String(patienceMs / 1_000)} s ${problem}; see ${log}.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
