import type { Spread } from '../report/statistics.js';

/** Messages that are sent over HTTP. Time and count both end it. */
export interface LoadJob {
  readonly port: number;
  /** Of a request: 1 is POST /send-message, more are POST /send-messages. */
  readonly batch: number;
  readonly recipients: number;
  /** The number of the first message; each has one, and its text begins with it. */
  readonly firstNumber: number;
  readonly maxMessages: number;
  readonly durationMs: number;
  readonly connections: number;
  /** Requests a second, whether answers come or not; without it each connection sends when it has its answer. */
  readonly rate?: number;
}

export interface LoadResult {
  readonly acknowledged: number;
  readonly elapsedMs: number;
  /** Bit n says whether message `firstNumber + n` was acknowledged; base64. */
  readonly acknowledgedMap: string;
  /** Answers to requests by status; 0 for a connection that broke. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Milliseconds until an answer that acknowledges everything. */
  readonly answers: Spread;
  /** Milliseconds until a 503. */
  readonly refusals: Spread;
  readonly refusalsWithoutRetryAfter: number;
}
