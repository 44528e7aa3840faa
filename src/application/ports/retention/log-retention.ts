/**
 * Reads the shortest time for which the log keeps a message, in milliseconds; Infinity if it has no limit. Rejects
 * with `DependencyUnavailable` while that is unknown.
 */
export interface LogRetention {
  ofMessages(): Promise<number>;
}
