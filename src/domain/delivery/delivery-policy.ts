export interface RetrySettings {
  /** Retries after the first attempt. */
  readonly max: number;
  readonly initialMs: number;
  readonly factor: number;
  /** Each delay is drawn uniformly from ± this fraction of itself. */
  readonly jitter: number;
}

/** Why a write failed, according to the ledger's adapter. */
export type WriteFailure = 'rejected' | 'unavailable' | 'unknown';

export interface FailedWrite {
  readonly failure: WriteFailure;
  /** The number of entries in the failed write. */
  readonly entries: number;
  /** For an entry that failed alone: whether another write has succeeded since. */
  readonly othersSucceed: boolean;
  /** Counted attempts for that entry, without this one. */
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

/** Decides what to do after a failed write. Pure; `random` is uniform in [0, 1). */
export class DeliveryPolicy {
  constructor(
    private readonly retry: RetrySettings,
    /**
     * Records older than this are not delivered, because the rows that would show a duplicate may have been swept.
     * Undefined if nothing is swept.
     */
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

  /** Returns initial · factor^(attempt − 1), spread evenly over ± jitter. `attempt` is 1 for the first retry. */
  retryDelay(attempt: number, random: number): number {
    const { initialMs, factor, jitter } = this.retry;
    return initialMs * factor ** (attempt - 1) * (1 + jitter * (2 * random - 1));
  }

  /**
   * Returns the capped exponential delay before a probe, spread over its upper half. `probe` is 1 for the first one.
   */
  outageDelay(probe: number, random: number): number {
    return Math.min(OUTAGE_MAX_MS, OUTAGE_INITIAL_MS * 2 ** (probe - 1)) * (0.5 + random / 2);
  }

  /** Reports whether a record is too old to deliver. A record without a timestamp (-1) never is. */
  isExpired(timestamp: number, now: number): boolean {
    return this.expiresAfterMs !== undefined && timestamp >= 0 && timestamp < now - this.expiresAfterMs;
  }
}
