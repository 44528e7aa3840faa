export interface Settled<T> {
  value?: T;
  error?: unknown;
}

/** The state of a promise when a test checks it. */
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
