import type { AlertState, Alert } from '../../domain/alerts/alert.js';

/**
 * Stores the state of alerts durably. The initial state is `NO_ALERTS`.
 *
 * `change` replaces the state by the function's result in one atomic step and resolves with it. If the function
 * returns undefined, `change` writes nothing and resolves with undefined. The function may be called more than
 * once. Rejects with `DependencyUnavailable`.
 */
export interface AlertOutbox {
  change(change: (state: AlertState) => AlertState | undefined): Promise<AlertState | undefined>;
}

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
