/**
 * The range of stored times, in milliseconds since the epoch. Within it, ISO 8601 has one form and every store
 * sorts times the same way.
 */
export const EARLIEST_TIME = 0;
export const LATEST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export function isTime(ms: number): boolean {
  return ms >= EARLIEST_TIME && ms <= LATEST_TIME;
}

/** Clamps a number to the years 1970 to 9999. Records without timestamps have -1 or NaN, which become 1970. */
export function clampTime(ms: number): number {
  return Number.isNaN(ms) ? EARLIEST_TIME : Math.min(Math.max(EARLIEST_TIME, ms), LATEST_TIME);
}
