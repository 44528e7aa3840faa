import type { MessageId } from '../../domain/message.js';

/** Cancels a timer that has not fired; otherwise does nothing. */
export type CancelTimer = () => void;

/**
 * The two clocks of a machine, in milliseconds. Use `elapsed` for durations within this process (deadlines, pauses,
 * ages, rates), and `now` for times that are stored, shown or compared with those of other machines.
 */
export interface Clock {
  /** The wall clock, since the epoch. It may be set ahead or back at any time. */
  now(): number;
  /** A monotonic clock, since an arbitrary time. Setting the wall clock does not change it. */
  elapsed(): number;
  /** Calls back once, never synchronously, after `delayMs`. */
  after(delayMs: number, callback: () => void): CancelTimer;
}

/** Generates message ids that are unique across processes. The ids of one process ascend, also within a millisecond. */
export interface IdSource {
  next(now: number): MessageId;
}
