/**
 * Removes stored messages for good, in the order of their numbers: of each inbox a prefix goes, and its first kept
 * number moves, in one transaction. What an id's failure tells stays. `sweep` removes messages stored before the
 * time given (milliseconds since the epoch), a bounded number of them, and resolves with how many; 0 when there is
 * none left. Safe to call at once from many processes, and beside deliveries. Rejects with `DependencyUnavailable`.
 */
export interface MessageSweep {
  sweep(storedBefore: number): Promise<number>;
}
