import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import mongoose from 'mongoose';
import { fullBackend } from '../../support/program/full-backend.js';
import { LiveReader } from '../../support/clients/live-reader.js';
import { residentMb } from '../../support/program/process-memory.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';
import { StallingReader } from '../../support/clients/stalling-reader.js';

const STREAMS = 1_000;
const STREAMS_MB = 64;
/** How long a reader may accept no data; see InboxStreams. */
const STALLED_MS = 15_000;
const IDLE_MS = 16_000;
/**
 * Covers the health checks of reads and writes, the poll for missed signals, and the requests of the change
 * stream, each a few times a minute.
 */
const IDLE_QUERIES = 30;

describe('The cost of live streams on the full back end', function () {
  this.timeout(120_000);
  let env: ProgramEnv;
  /** Stores messages, and accepts sends. */
  let other: SpawnedProgram;
  /** Only serves streams. */
  let api: SpawnedProgram;
  const ends: (() => void)[] = [];

  beforeEach(async () => {
    env = { ...(await fullBackend()), LOG_LEVEL: 'warn' };
    [other, api] = await Promise.all([
      SpawnedProgram.start(env),
      SpawnedProgram.start({ ...env, ROLES: 'api' }),
    ]);
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) end();
    for (const program of [other, api]) program.kill('SIGKILL');
    await Promise.all([other.ended, api.ended]);
  });

  function follow(client: string): LiveReader {
    const reader = new LiveReader(client, api.url);
    ends.push(() => {
      reader.close();
    });
    return reader;
  }

  async function post(path: string, body: object): Promise<Response> {
    const headers = { 'content-type': 'application/json', prefer: 'wait=10' };
    return fetch(other.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  it('is no wait for a poll, although the messages were stored by another process', async () => {
    // About 15 ms on an idle machine. Without the change stream, a reader would wait for a poll, up to 15 s.
    expect(await medianDelay('prompt', 250, 20)).to.be.at.most(1_000);
  });

  it('is limited memory for a reader that accepts nothing, which is dropped and resumes without a gap', async () => {
    const [client, total] = ['stalled', 3_000];
    const stalled = new StallingReader(client, api.url);
    ends.push(() => {
      stalled.close();
    });
    const before = await settledMb(api);
    for (let sent = 0; sent < total; sent += 250) {
      const messages = Array.from({ length: 250 }, (_, n) => ({
        from: 'load',
        to: client,
        message: long(sent + n),
      }));
      expect((await post('/send-messages', { messages })).status).to.equal(207);
    }
    const began = Date.now();
    let highest = 0;
    while (Date.now() - began < STALLED_MS + 2_000) {
      highest = Math.max(highest, await residentMb(api.pid));
      await sleep(200);
    }
    const got = await stalled.readToEnd(5_000);
    const ids = [...got.matchAll(/^id: (\d+)\ndata: .*\n\n/gm)].map(([, id]) => Number(id));
    const last = ids.at(-1) ?? 0;
    print(
      `${mb(before)} before, at most ${mb(highest)} later; dropped after ${String(last)} of ${String(total)}`,
    );
    expect(ids).to.deep.equal(Array.from({ length: last }, (_, n) => n + 1));
    expect(last).to.be.within(1, total - 1);
    expect(highest - before).to.be.below(48);
    const reader = new LiveReader(client, api.url, String(last));
    ends.push(() => {
      reader.close();
    });
    await reader.waitForEvents(total - last, 30_000);
    expect(reader.texts).to.deep.equal(Array.from({ length: total - last }, (_, n) => long(last + n)));
  });

  it(`is less than ${String(STREAMS_MB)} MB for a thousand streams, and no query for any of them while nothing arrives`, async () => {
    const before = await settledMb(api);
    const abort = new AbortController();
    ends.push(() => {
      abort.abort();
    });
    const { signal } = abort;
    for (let n = 0; n < STREAMS; n += 50) {
      await Promise.all(
        Array.from({ length: 50 }, async (_, at) => {
          const path = `/clients/idle-${String(n + at)}/inbox/stream`;
          const { status, body } = await fetch(api.url + path, { signal });
          expect(status).to.equal(200);
          await body?.getReader().read();
        }),
      );
    }
    const after = await settledMb(api);
    const queries = await profiled(IDLE_MS);
    const count = [...queries.values()].reduce((sum, number) => sum + number, 0);
    print(
      `${mb(before)} before, ${mb(after)} with ${String(STREAMS)} streams; ${mb(await residentMb(api.pid))} later`,
    );
    print(`${String(count)} operations in ${String(IDLE_MS)} ms: ${JSON.stringify([...queries])}`);
    expect(after - before).to.be.below(STREAMS_MB);
    expect(count).to.be.within(1, IDLE_QUERIES);
  });

  /** Measures the median delay of this many messages from storing to arrival, in milliseconds. */
  async function medianDelay(client: string, count: number, pauseMs: number): Promise<number> {
    const reader = follow(client);
    await reader.waitUntilOpened();
    await post('/send-message', { from: 'load', to: client, message: 'first' });
    await reader.waitForEvents(1);
    const sending: Promise<Response>[] = [];
    for (let n = 0; n < count; n++) {
      sending.push(post('/send-message', { from: 'load', to: client, message: `number ${String(n)}` }));
      await sleep(pauseMs);
    }
    await Promise.all(sending);
    await reader.waitForEvents(count + 1);
    const delays: number[] = [];
    for (const { messageId, at } of reader.events.slice(1)) delays.push(at - (await storedAt(messageId)));
    delays.sort((a, b) => a - b);
    const [median = NaN, slow = NaN] = [0.5, 0.99].map((part) => delays[Math.floor(delays.length * part)]);
    print(
      `${String(delays.length)} messages: median ${String(median)} ms, 99 of 100 within ${String(slow)} ms`,
    );
    return median;
  }

  async function storedAt(id: string): Promise<number> {
    const response = await fetch(`${other.url}/messages/${id}`);
    // The program under test wrote this response, so it has the documented form.
    const { storedAt: time } = (await response.json()) as { storedAt: string };
    return Date.parse(time);
  }

  /** Counts the MongoDB commands during an interval, by kind and collection. */
  async function profiled(forMs: number): Promise<Map<string, number>> {
    const client = new mongoose.mongo.MongoClient(env['MONGODB_URI'] ?? '');
    try {
      const db = client.db();
      await db.command({ profile: 2 });
      await sleep(forMs);
      await db.command({ profile: 0 });
      const found = new Map<string, number>();
      for await (const { op, ns } of db.collection('system.profile').find({ appName: 'postrider' })) {
        const kind = `${String(op)} ${String(ns).replace(/^[^.]*\./, '')}`;
        found.set(kind, (found.get(kind) ?? 0) + 1);
      }
      return found;
    } finally {
      await client.close();
    }
  }
});

/** Resolves with the memory after a moment of inactivity. Does not force a garbage collection. */
async function settledMb({ pid }: SpawnedProgram): Promise<number> {
  await sleep(3_000);
  return residentMb(pid);
}

function long(n: number): string {
  return `${String(n)} `.padEnd(10_000, 'x');
}

const mb = (number: number): string => `${number.toFixed(1)} MB`;

function print(text: string): void {
  process.stdout.write(`        ${text}\n`);
}
