import { get, type ClientRequest } from 'node:http';
import { spreadOf, type Spread } from '../report/statistics.js';
import type { LoadJob, LoadResult } from './job.js';
import { NUMBERS_IN_JSON, recipientOf } from './payload.js';
import { runLoad } from './run-load.js';

export interface LatencyResult {
  readonly load: LoadResult;
  /** Milliseconds from the time a message was to be sent until its recipient's live stream had it. */
  readonly inbox: Spread;
}

const PATIENCE_MS = 10_000;

/** Sends at a steady rate and follows every recipient's inbox; the first second's messages are not counted. */
export async function measureInboxLatency(job: LoadJob & { readonly rate: number }): Promise<LatencyResult> {
  const arrivals = new Map<number, number>();
  const streams = await Promise.all(
    Array.from({ length: job.recipients }, (_, at) =>
      follow(job.port, recipientOf(at, job.recipients), (number) => arrivals.set(number, performance.now())),
    ),
  );
  const began = performance.now();
  const load = await runLoad(job);
  for (const deadline = performance.now() + PATIENCE_MS; arrivals.size < load.acknowledged;) {
    if (performance.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  for (const stream of streams) stream.destroy();
  const times: number[] = [];
  for (const [number, at] of arrivals) {
    const place = number - job.firstNumber;
    if (place >= job.rate) times.push(at - began - (place * 1_000) / job.rate);
  }
  return { load, inbox: spreadOf(times) };
}

function follow(port: number, client: string, onNumber: (number: number) => void): Promise<ClientRequest> {
  return new Promise((resolve, reject) => {
    const path = `/clients/${client}/inbox/stream?after=0`;
    const request = get({ host: '127.0.0.1', port, path }, (response) => {
      let rest = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          for (const [, number] of line.matchAll(NUMBERS_IN_JSON)) onNumber(Number(number));
        }
      });
      response.on('error', () => undefined);
      resolve(request);
    });
    request.once('error', reject);
  });
}
