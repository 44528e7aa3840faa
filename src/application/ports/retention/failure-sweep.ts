/**
 * Removes failures for good: those that are closed, and those that were refused at the door, whose last event was
 * before the time given (milliseconds since the epoch); never one that somebody may still do something about. A message
 * that was stored stays. A bounded number at a time: resolves with how many, 0 when there is none left. Safe to call at
 * once from many processes. Rejects with `DependencyUnavailable`.
 */
export interface FailureSweep {
  sweep(lastEventBefore: number): Promise<number>;
}
