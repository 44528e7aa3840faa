/**
 * Removes failures for good.
 *
 * `sweep` removes closed failures and invalid sends whose last event was before the given time (milliseconds since
 * the epoch), but no failure that an operator may still act on. Stored messages stay. It removes a bounded number
 * per call and resolves with that number; 0 if none is left. Safe to call concurrently from several processes.
 * Rejects with `DependencyUnavailable`.
 */
export interface FailureSweep {
  sweep(lastEventBefore: number): Promise<number>;
}
