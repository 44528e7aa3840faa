/** Ends a timer that has not fired; otherwise does nothing. */
export type CancelTimer = () => void;

/**
 * The two clocks of a machine, in milliseconds. Whatever lasts within this process (deadlines, pauses, ages, rates) is
 * measured by `elapsed`; times that are stored, shown or compared with those of other machines are told by `now`.
 */
export interface Clock {
  /** Since the epoch. The wall clock: it may be set, ahead or back, at any time. */
  now(): number;
  /** Since a moment before the first call. It never goes back, and no setting of the wall clock changes it. */
  elapsed(): number;
  /** Calls back once, never synchronously, when so much time has elapsed. */
  after(delayMs: number, callback: () => void): CancelTimer;
}
