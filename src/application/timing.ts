import type { CancelTimer, Clock } from './ports/clock.js';

type Timers = Pick<Clock, 'after'>;

/** Resolves with the promise's value, or with undefined if it takes longer than `ms` or rejects. */
export function settledWithin<T>(clock: Timers, ms: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => {
      resolve(undefined);
    });
    const settle = (value?: T): void => {
      cancel();
      resolve(value);
    };
    promise.then(settle, () => {
      settle();
    });
  });
}

/** Resolves after `ms`, or as soon as the signal is aborted. */
export function sleep(clock: Timers, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end);
  });
}

export interface Backoff {
  readonly clock: Timers;
  /** The pause before the retry with this number. The first one has the number 1. */
  readonly delayMs: (retry: number) => number;
  /** Whether to call again after this error. Otherwise the error is the result. */
  readonly canBeRetried: (error: unknown) => boolean;
}

/** Calls `work` until it succeeds. Resolves with undefined if `isOver` returns true before another call. */
export function backoff<T>(
  work: () => Promise<T>,
  how: Backoff & { readonly isOver: () => boolean },
): Promise<T | undefined>;
export function backoff<T>(work: () => Promise<T>, how: Backoff): Promise<T>;
export async function backoff<T>(
  work: () => Promise<T>,
  how: Backoff & { readonly isOver?: () => boolean },
): Promise<T | undefined> {
  for (let retry = 1; !how.isOver?.(); retry += 1) {
    try {
      return await work();
    } catch (error) {
      if (!how.canBeRetried(error)) throw error;
      await sleep(how.clock, how.delayMs(retry));
    }
  }
  return undefined;
}

/** A run of a repeated task. A number that it returns is the pause before the next run. Must not throw or reject. */
export type RepeatedTask =
  | ((signal: AbortSignal) => void)
  | ((signal: AbortSignal) => Promise<void>)
  | ((signal: AbortSignal) => Promise<number>);

/**
 * Runs the task now, or after `firstMs`, and again `ms` after each run has ended, until it is stopped. Two runs never
 * overlap. The task's signal is aborted by `stop`.
 */
export function every(clock: Timers, ms: number, task: RepeatedTask, firstMs?: number): Repetition {
  return new Repetition(clock, ms, task, firstMs);
}

export class Repetition {
  private readonly stopped = new AbortController();
  private cancel: CancelTimer | undefined;
  private running: Promise<void> | undefined;
  private isDueAgain = false;

  constructor(
    private readonly clock: Timers,
    private readonly ms: number,
    private readonly task: RepeatedTask,
    firstMs?: number,
  ) {
    if (firstMs === undefined) this.runNow();
    else this.runAfter(firstMs);
  }

  /** Runs the task without waiting for the pause to end; during a run, as soon as that one has ended. */
  runNow(): void {
    if (this.stopped.signal.aborted) return;
    this.cancel?.();
    if (this.running) {
      this.isDueAgain = true;
      return;
    }
    const run = this.task(this.stopped.signal);
    if (run) this.running = run.then((pauseMs) => this.ended(pauseMs ?? this.ms));
    else this.runAfter(this.ms);
  }

  /** Prevents further runs. Resolves when the current one has ended. May be called twice. */
  async stop(): Promise<void> {
    this.stopped.abort();
    this.cancel?.();
    await this.running;
  }

  private ended(pauseMs: number): void {
    this.running = undefined;
    this.runAfter(this.isDueAgain ? 0 : pauseMs);
    this.isDueAgain = false;
  }

  private runAfter(ms: number): void {
    if (this.stopped.signal.aborted) return;
    this.cancel = this.clock.after(ms, () => {
      this.runNow();
    });
  }
}
