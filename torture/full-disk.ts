import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { guardServer, unguardServer } from '../scripts/stack/guard.js';
import { freePort } from '../scripts/stack/free-port.js';
import { eventually } from '../test/support/eventually.js';
import { temporaryFolder } from '../test/support/program/spawned-program.js';
import { request } from './workload/request.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** The largest file that the program may write, in the 512-byte blocks of `ulimit -f`. */
const FILE_LIMIT_BLOCKS = 24 * 2_048;
const BATCH = 100;
const TEXT_LENGTH = 2_000;
const BATCHES_MAX = 400;
/** The number of rejected batches in a row after which the disk counts as full. */
const FULL_AFTER_REJECTIONS = 3;

export interface FullDiskResult {
  readonly acknowledged: number;
  /** Batches that got 503 while the disk was full. */
  readonly rejectedBatches: number;
  readonly violations: readonly string[];
}

/**
 * Fills the disk of the embedded back end, kills the process and restarts it with free space. Checks that every
 * acknowledged message is in its inbox, once and in order, and that the program accepts messages again.
 */
export async function fillDisk(): Promise<FullDiskResult> {
  const folder = temporaryFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const acknowledged: string[] = [];
  let rejectedBatches = 0;
  let consecutiveRejections = 0;

  let program = await start(folder, port, FILE_LIMIT_BLOCKS);
  try {
    for (let n = 0; n < BATCHES_MAX && consecutiveRejections < FULL_AFTER_REJECTIONS; n += 1) {
      const texts = Array.from({ length: BATCH }, (_, at) =>
        `text ${String(n * BATCH + at)} `.padEnd(TEXT_LENGTH, '.'),
      );
      const accepted = await sendAll(url, texts);
      acknowledged.push(...accepted);
      consecutiveRejections = accepted.length === 0 ? consecutiveRejections + 1 : 0;
      rejectedBatches += accepted.length === 0 ? 1 : 0;
    }
    const violations = consecutiveRejections < FULL_AFTER_REJECTIONS ? ['the disk was never full'] : [];
    await kill(program);
    program = await start(folder, port, 'unlimited');
    acknowledged.push(...(await sendAll(url, ['the disk has space again'])));
    if (acknowledged.at(-1) !== 'the disk has space again')
      violations.push('no message is accepted although the disk has space again');
    return {
      acknowledged: acknowledged.length,
      rejectedBatches,
      violations: [...violations, ...(await check(url, acknowledged))],
    };
  } finally {
    await kill(program);
  }
}

async function check(url: string, acknowledged: readonly string[]): Promise<string[]> {
  let inbox: string[] = [];
  await eventually(
    async () => (inbox = await readInbox(url)).length >= acknowledged.length,
    () => `${String(inbox.length)} of ${String(acknowledged.length)} are in the inbox`,
    60_000,
    500,
  ).catch(() => undefined);
  const places = new Map(inbox.map((text, at) => [text, at]));
  const violations = inbox.length === places.size ? [] : ['a message is in the inbox twice'];
  let latestIndex = -1;
  for (const text of acknowledged) {
    const at = places.get(text);
    if (at === undefined) violations.push(`${text.trim()} was acknowledged but is lost`);
    else if (at < latestIndex) violations.push(`${text.trim()} is out of order`);
    latestIndex = Math.max(latestIndex, at ?? latestIndex);
  }
  return violations;
}

async function sendAll(url: string, texts: readonly string[]): Promise<string[]> {
  const messages = texts.map((message) => ({ from: 'disk', to: 'reader', message }));
  const response = await request(`${url}/send-messages`, 'POST', { messages });
  if (response?.status !== 207) return [];
  const { results } = response.body as { readonly results: readonly { readonly status: number }[] };
  return texts.filter((_, at) => results[at]?.status === 201);
}

async function readInbox(url: string): Promise<string[]> {
  const texts: string[] = [];
  for (let after = '0'; ;) {
    const response = await request(`${url}/clients/reader/inbox?after=${after}&limit=1000`, 'GET');
    const { messages = [], next = after } = (response?.body ?? {}) as {
      readonly messages?: readonly { readonly message: string }[];
      readonly next?: string;
    };
    if (messages.length === 0) return texts;
    texts.push(...messages.map(({ message }) => message));
    after = next;
  }
}

async function start(folder: string, port: number, limit: number | 'unlimited'): Promise<ChildProcess> {
  const args = ['-c', 'ulimit -f "$1"; shift; exec "$@"', 'sh', String(limit), process.execPath, MAIN];
  const env = {
    PATH: process.env['PATH'],
    PORT: String(port),
    BACKEND: 'embedded',
    DATA_DIR: folder,
    LOG_LEVEL: 'error',
  };
  const child = spawn('sh', args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
  guardServer(String(child.pid));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await eventually(
    () => output.includes('listening on'),
    () => `the program does not listen: ${output}`,
  );
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  unguardServer(String(child.pid));
}
