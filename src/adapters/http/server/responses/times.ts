import { clampTime } from '../../../../domain/time.js';

// Earlier versions did not clamp record timestamps, so the store may contain times outside the range of Date.
const dateOf = (ms: number): Date => new Date(clampTime(ms));

export const isoTime = (ms: number): string => dateOf(ms).toISOString();

/** Formats `send_time`. The lists have used this form from the start. */
export const dateText = (ms: number): string => dateOf(ms).toString();
