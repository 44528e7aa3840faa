/**
 * How long the log keeps a message at least: what is older may be gone. In milliseconds; Infinity where it has no
 * limit. Rejects with `DependencyUnavailable` while that cannot be told.
 */
export interface LogRetention {
  ofMessages(): Promise<number>;
}
