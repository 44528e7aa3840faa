export interface RetrySettings {
  /** Retries after the first try. */
  readonly max: number;
  readonly initialMs: number;
  readonly factor: number;
  /** Each delay is uniform within this fraction of itself, up and down. */
  readonly jitter: number;
}

/** What went wrong with a write, as the ledger's adapter can tell. */
export type WriteFailure = 'rejected' | 'unavailable' | 'unknown';

export interface FailedWrite {
  readonly failure: WriteFailure;
  /** How many entries the failed write had. */
  readonly entries: number;
  /** For an entry that failed alone: whether something else could be written since. */
  readonly othersSucceed: boolean;
  /** Tries of that entry that have counted so far, without this one. */
  readonly attempts: number;
}

export type Decision =
  | { readonly kind: 'halve' }
  | { readonly kind: 'outage' }
  | { readonly kind: 'reject' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'exhausted' };

const OUTAGE_INITIAL_MS = 250;
const OUTAGE_MAX_MS = 5_000;

/** Decides what becomes of a write that failed. Pure; `random` is uniform in [0, 1). */
export class DeliveryPolicy {
  constructor(
    private readonly retry: RetrySettings,
    /** A record older than this can meet nothing but swept traces of itself; undefined where nothing is swept. */
    private readonly expiresAfterMs?: number,
  ) {}

  decide(write: FailedWrite, random: number): Decision {
    if (write.failure === 'unavailable') return { kind: 'outage' };
    if (write.entries > 1) return { kind: 'halve' };
    if (write.failure === 'rejected') return { kind: 'reject' };
    if (!write.othersSucceed) return { kind: 'outage' };
    const attempt = write.attempts + 1;
    if (attempt > this.retry.max) return { kind: 'exhausted' };
    return { kind: 'retry', delayMs: this.retryDelay(attempt, random) };
  }

  /** initial · factor^(attempt − 1), spread evenly over ± jitter. `attempt` is 1 for the first retry. */
  retryDelay(attempt: number, random: number): number {
    const { initialMs, factor, jitter } = this.retry;
    return initialMs * factor ** (attempt - 1) * (1 + jitter * (2 * random - 1));
  }

  /** Capped exponential delay between probes of what is down, spread over the upper half. `probe` counts from 1. */
  outageDelay(probe: number, random: number): number {
    return Math.min(OUTAGE_MAX_MS, OUTAGE_INITIAL_MS * 2 ** (probe - 1)) * (0.5 + random / 2);
  }

  /** A log without timestamps has -1: how old such a record is, is not known, and it is delivered. */
  isExpired(timestamp: number, now: number): boolean {
    return this.expiresAfterMs !== undefined && timestamp >= 0 && timestamp < now - this.expiresAfterMs;
  }
}
