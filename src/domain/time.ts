/** The times that are kept, in milliseconds since the epoch: ISO 8601 has one form and every store an order for them. */
export const EARLIEST_TIME = 0;
export const LATEST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export function isTime(ms: number): boolean {
  return ms >= EARLIEST_TIME && ms <= LATEST_TIME;
}

/** Brings any number into 1970 to 9999. A log without timestamps has -1 or NaN, which become 1970. */
export function clampTime(ms: number): number {
  return Number.isNaN(ms) ? EARLIEST_TIME : Math.min(Math.max(EARLIEST_TIME, ms), LATEST_TIME);
}
