import type { Spread } from '../report/statistics.js';

/** A job that sends messages over HTTP. It ends after the given time or count, whichever comes first. */
export interface LoadJob {
  readonly port: number;
  /** Messages per request. 1 uses POST /send-message, more use POST /send-messages. */
  readonly batch: number;
  readonly recipients: number;
  /** The number of the first message. Each message has a number, with which its text begins. */
  readonly firstNumber: number;
  readonly maxMessages: number;
  readonly durationMs: number;
  readonly connections: number;
  /** Requests a second, independent of responses. If absent, each connection sends again when it has its response. */
  readonly rate?: number;
}

export interface LoadResult {
  readonly acknowledged: number;
  readonly elapsedMs: number;
  /** A bitmap in base64. Bit n says whether message `firstNumber + n` was acknowledged. */
  readonly acknowledgedMap: string;
  /** The number of responses by status. 0 stands for a broken connection. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Milliseconds until responses that acknowledge the whole request. */
  readonly latencies: Spread;
  /** Milliseconds until 503 responses. */
  readonly unavailable: Spread;
  readonly unavailableWithoutRetryAfter: number;
}
