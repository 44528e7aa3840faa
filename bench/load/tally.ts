import { spreadOf } from '../report/statistics.js';
import type { LoadJob, LoadResult } from './job.js';
import type { HttpResponse } from './response-reader.js';

/** Collects the results of one job. */
export class Tally {
  private readonly map: Uint8Array;
  private readonly latencies: number[] = [];
  private readonly unavailable: number[] = [];
  private readonly statuses: Record<string, number> = {};
  private unavailableWithoutRetryAfter = 0;
  acknowledged = 0;

  constructor(private readonly job: Pick<LoadJob, 'batch' | 'firstNumber' | 'maxMessages'>) {
    this.map = new Uint8Array(Math.ceil(job.maxMessages / 8));
  }

  /** Records the response to the request whose first message has the number `first`. */
  record(response: HttpResponse, first: number, elapsedMs: number): void {
    const { status } = response;
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    if (status === 201) this.acknowledge(first);
    else if (status === 207) this.recordBatch(response.body, first);
    if (status === 201 || status === 207) this.latencies.push(elapsedMs);
    else if (status === 503) {
      this.unavailable.push(elapsedMs);
      if (!response.head.includes('\r\nretry-after: ')) this.unavailableWithoutRetryAfter += 1;
    }
  }

  result(elapsedMs: number): LoadResult {
    return {
      acknowledged: this.acknowledged,
      elapsedMs,
      acknowledgedMap: Buffer.from(this.map.buffer).toString('base64'),
      statuses: this.statuses,
      latencies: spreadOf(this.latencies),
      unavailable: spreadOf(this.unavailable),
      unavailableWithoutRetryAfter: this.unavailableWithoutRetryAfter,
    };
  }

  /** The results of a batch are in the order of its messages, and each begins with its status. */
  private recordBatch(body: string, first: number): void {
    let at = 0;
    for (const [, status] of body.matchAll(/\{[^{}]*?"status":(\d{3})/g)) {
      if (status === '201') this.acknowledge(first + at);
      at += 1;
    }
    if (at !== this.job.batch) throw new Error(`${at} results for ${this.job.batch} messages: ${body}`);
  }

  private acknowledge(number: number): void {
    const at = number - this.job.firstNumber;
    this.map[at >> 3] = (this.map[at >> 3] ?? 0) | (1 << (at & 7));
    this.acknowledged += 1;
  }
}
