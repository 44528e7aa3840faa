import type { Alert } from '../../../domain/alerts/alert.js';

/**
 * Tells somebody. `deliver` resolves when the other side has taken the alert, and rejects with `AlertNotDelivered`
 * where that is not known, within a bounded time; delivering again is the same alert once more. Safe to call at once.
 * `close` ends deliveries under way, which reject, and may be called twice.
 */
export interface AlertChannel {
  deliver(alert: Alert): Promise<void>;
  close(): void;
}

/** Nobody knows that the other side has an alert: it refused it, with the status, or did not answer. */
export class AlertNotDelivered extends Error {
  override readonly name = 'AlertNotDelivered';

  constructor(
    readonly status: number | undefined,
    cause?: unknown,
  ) {
    super('The alert was not taken', { cause });
  }
}
