export interface Settled<T> {
  value?: T;
  error?: unknown;
}

/** What a promise has become by the time a test looks. */
export function settled<T>(promise: Promise<T>): Settled<T> {
  const seen: Settled<T> = {};
  promise.then(
    (value) => {
      seen.value = value;
    },
    (error: unknown) => {
      seen.error = error;
    },
  );
  return seen;
}
