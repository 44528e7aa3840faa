import { clampTime } from '../../../../domain/time.js';

// Versions that did not clamp the timestamps of records have stored times that no Date can hold.
const dateOf = (ms: number): Date => new Date(clampTime(ms));

export const isoTime = (ms: number): string => dateOf(ms).toISOString();

/** The form of `send_time`, which clients of the lists have always been given. */
export const dateText = (ms: number): string => dateOf(ms).toString();
