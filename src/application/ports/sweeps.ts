/**
 * Removes stored messages for good.
 *
 * `sweep` removes messages stored before the given time (milliseconds since the epoch), in the order of their
 * numbers: it deletes a prefix of each inbox and moves the inbox's first kept number in one transaction. Failures
 * with the same ids stay. It removes a bounded number per call and resolves with that number; 0 if none is left.
 * Safe to call concurrently from several processes, and during deliveries. Rejects with `DependencyUnavailable`.
 */
export interface MessageSweep {
  sweep(storedBefore: number): Promise<number>;
}

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
