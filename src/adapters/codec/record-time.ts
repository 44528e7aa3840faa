import { clampTime, isTime } from '../../domain/time.js';

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

/** ISO 8601. */
export function formatTime(ms: number): string {
  if (ms !== latest.ms) latest = { ms, text: new Date(clampTime(ms)).toISOString() };
  return latest.text;
}

function within(ms: number): number | undefined {
  // Clamping leaves all of these as they are but -0, which JSON has and stores sort apart.
  return isTime(ms) ? clampTime(ms) : undefined;
}
