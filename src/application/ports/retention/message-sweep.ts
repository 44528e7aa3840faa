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
