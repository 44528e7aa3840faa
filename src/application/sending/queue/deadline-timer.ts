import type { CancelTimer, Clock } from '../../ports/clock.js';

/** One timer for the earliest deadline of all sends. Calls back with the elapsed time when that deadline has come. */
export class DeadlineTimer {
  private cancel: CancelTimer | undefined;

  constructor(
    private readonly clock: Pick<Clock, 'elapsed' | 'after'>,
    /** By elapsed time; undefined while no send waits. */
    private readonly firstDeadline: () => number | undefined,
    private readonly onDeadline: (now: number, cause: Error) => void,
  ) {}

  /**
   * Starts the timer if none runs. Call it after adding a send; the deadline of a running timer is never later than
   * that send's.
   */
  watch(): void {
    if (this.cancel !== undefined) return;
    const deadline = this.firstDeadline();
    if (deadline === undefined) return;
    this.cancel = this.clock.after(Math.max(0, deadline - this.clock.elapsed()), () => {
      this.cancel = undefined;
      this.onDeadline(this.clock.elapsed(), new Error('The log did not answer in time'));
      this.watch();
    });
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
  }
}
