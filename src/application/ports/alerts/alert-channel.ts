import type { Alert } from '../../../domain/alerts/alert.js';

/**
 * Delivers alerts to operators.
 *
 * `deliver` resolves when the other side has accepted the alert. It rejects with `AlertNotDelivered`, within a
 * bounded time, if that is not certain; a repeated delivery has the same alert id. Safe to call concurrently.
 *
 * `close` aborts deliveries in flight, which reject. May be called twice.
 */
export interface AlertChannel {
  deliver(alert: Alert): Promise<void>;
  close(): void;
}

/** The other side rejected an alert, with `status`, or did not answer. */
export class AlertNotDelivered extends Error {
  override readonly name = 'AlertNotDelivered';

  constructor(
    readonly status: number | undefined,
    cause?: unknown,
  ) {
    super('The alert was not accepted', { cause });
  }
}
