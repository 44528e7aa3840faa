// Times are taken from 1970 to 9999, where ISO 8601 has one form and every store an order for them.
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const DIGITS = /^\d{1,15}$/;
// Without an offset a time of day would depend on the zone of whoever reads it.
const ISO = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d))?$/;

/** Milliseconds since the epoch, out of a number of them (also as text) or ISO 8601; undefined where it is neither. */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? within(value) : undefined;
  if (typeof value !== 'string') return undefined;
  if (DIGITS.test(value)) return within(Number(value));
  return ISO.test(value) ? within(Date.parse(value)) : undefined;
}

// Messages come many to a millisecond.
let latest = { ms: 0, text: new Date(0).toISOString() };

/** ISO 8601. A log without timestamps says -1. */
export function formatTime(ms: number): string {
  if (ms !== latest.ms) latest = { ms, text: new Date(Math.min(Math.max(ms, 0), LATEST)).toISOString() };
  return latest.text;
}

function within(ms: number): number | undefined {
  return ms >= 0 && ms <= LATEST ? ms : undefined;
}
