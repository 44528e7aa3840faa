import type { CancelTimer, Clock } from '../../ports/clock.js';

/** The shutdown of a queue: it waits until the queue is idle, for a limited time. */
export class QueueClosing {
  private closed: Promise<void> | undefined;
  private resolve: () => void = () => undefined;
  private cancelTimeout: CancelTimer = () => undefined;

  constructor(private readonly clock: Pick<Clock, 'after'>) {}

  get hasBegun(): boolean {
    return this.closed !== undefined;
  }

  /**
   * Resolves when the queue is idle. After `timeoutMs` it calls `giveUp`, which answers the sends that are left, and
   * resolves after it. Later calls return the promise of the first.
   */
  begin(isIdle: boolean, timeoutMs: number, giveUp: () => void | Promise<void>): Promise<void> {
    this.closed ??= new Promise((resolve) => {
      this.resolve = resolve;
      if (isIdle) resolve();
      else
        this.cancelTimeout = this.clock.after(timeoutMs, () => void Promise.resolve(giveUp()).then(resolve));
    });
    return this.closed;
  }

  /** Ends the wait. Called whenever the queue becomes idle. */
  idle(): void {
    this.cancelTimeout();
    this.resolve();
  }
}
