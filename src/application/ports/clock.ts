/** Ends a timer that has not fired; otherwise does nothing. */
export type CancelTimer = () => void;

/** Time in milliseconds since the epoch, and timers. `after` calls back once, never synchronously. */
export interface Clock {
  now(): number;
  after(delayMs: number, callback: () => void): CancelTimer;
}
