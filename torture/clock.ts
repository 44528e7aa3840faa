/** Milliseconds since this process started, from a monotonic clock. */
export const elapsed = (): number => performance.now();
