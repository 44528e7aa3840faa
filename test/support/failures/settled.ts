export interface Settled<T> {
  value?: T;
  error?: unknown;
}

/** The state of a promise when a test checks it. */
export function settled<T>(promise: Promise<T>): Settled<T> {
  const result: Settled<T> = {};
  promise.then(
    (value) => {
      result.value = value;
    },
    (error: unknown) => {
      result.error = error;
    },
  );
  return result;
}
