const INITIAL_MS = 250;
const MAX_MS = 5_000;

/**
 * Returns the delay before a retry while a dependency is down: exponential and capped, spread over its upper half.
 * `retry` is 1 for the first one; `random` is uniform in [0, 1).
 */
export function outageDelay(retry: number, random: number): number {
  return Math.min(MAX_MS, INITIAL_MS * 2 ** (retry - 1)) * (0.5 + random / 2);
}
