import type { Clock } from './ports/clock.js';

/** Resolves with the promise's value, or with undefined if it takes longer than `ms` or rejects. */
export function settledWithin<T>(
  clock: Pick<Clock, 'after'>,
  ms: number,
  promise: Promise<T>,
): Promise<T | undefined> {
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

export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}
