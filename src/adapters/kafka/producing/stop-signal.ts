import type { Clock } from '../../../application/ports/clock.js';

/** Ends a wait when the caller's signal is aborted or `stop` is called. */
export class StopSignal {
  private stopped: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly outside: AbortSignal) {
    outside.addEventListener('abort', this.onAbort);
    if (outside.aborted) this.onAbort();
  }

  get reason(): Error | undefined {
    return this.stopped;
  }

  stop(reason: Error): void {
    this.stopped ??= reason;
    this.wake?.();
  }

  /** Stops listening to the caller's signal. */
  release(): void {
    this.outside.removeEventListener('abort', this.onAbort);
  }

  /** Settles as `work` does, or rejects with the reason as soon as it is stopped. Supports one wait at a time. */
  settledOrStopped<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.wake = () => {
        reject(this.stopped ?? new Error('Stopped'));
      };
      work.then(resolve, reject);
      if (this.stopped) this.wake();
    });
  }

  /** Resolves after `ms`, or as soon as it is stopped. */
  stoppedOrAfter(clock: Clock, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
      if (this.stopped) this.wake();
    });
  }

  private readonly onAbort = (): void => {
    const { reason } = this.outside as { readonly reason: unknown };
    this.stop(reason instanceof Error ? reason : new Error('Given up'));
  };
}
