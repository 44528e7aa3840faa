export interface RetrySettings {
  /** Retries after the first attempt. */
  readonly max: number;
  readonly initialMs: number;
  readonly factor: number;
  /** Each delay is drawn uniformly from ± this fraction of itself. */
  readonly jitter: number;
}

/** The delays before retries, and the age at which records expire. Pure; `random` is uniform in [0, 1). */
export class DeliveryPolicy {
  constructor(
    private readonly retry: RetrySettings,
    /**
     * Records older than this are not delivered, because the rows that would show a duplicate may have been swept.
     * Undefined if nothing is swept.
     */
    private readonly expiresAfterMs?: number,
  ) {}

  get maxRetries(): number {
    return this.retry.max;
  }

  /** Returns initial · factor^(attempt − 1), spread evenly over ± jitter. `attempt` is 1 for the first retry. */
  retryDelay(attempt: number, random: number): number {
    const { initialMs, factor, jitter } = this.retry;
    return initialMs * factor ** (attempt - 1) * (1 + jitter * (2 * random - 1));
  }

  /** Reports whether a record is too old to deliver. A record without a timestamp (-1) never is. */
  isExpired(timestamp: number, now: number): boolean {
    return this.expiresAfterMs !== undefined && timestamp >= 0 && timestamp < now - this.expiresAfterMs;
  }
}
