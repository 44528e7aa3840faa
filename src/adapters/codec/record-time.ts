import { clampTime, isTime } from '../../domain/time.js';

const DIGITS = /^\d{1,15}$/;
// The offset is required: a time of day without one depends on the reader's time zone.
const ISO = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d))?$/;

/**
 * Parses ISO 8601, or milliseconds since the epoch as a number or a string, to milliseconds; undefined for anything
 * else.
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? within(value) : undefined;
  if (typeof value !== 'string') return undefined;
  if (DIGITS.test(value)) return within(Number(value));
  return ISO.test(value) ? within(Date.parse(value)) : undefined;
}

// Many messages share a millisecond, so the last formatted time is cached.
let latest = { ms: 0, text: new Date(0).toISOString() };

/** ISO 8601. */
export function formatTime(ms: number): string {
  if (ms !== latest.ms) latest = { ms, text: new Date(clampTime(ms)).toISOString() };
  return latest.text;
}

function within(ms: number): number | undefined {
  // For a valid time clamping changes only -0 to 0. JSON has -0, which the stores sort separately from 0.
  return isTime(ms) ? clampTime(ms) : undefined;
}
