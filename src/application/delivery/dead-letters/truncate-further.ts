import type { DeadLetter } from '../../../domain/failures/failed-message.js';

/** The sizes in bytes to which a dead letter is truncated, one after another, until the log and the store accept it. */
const LIMITS = [64, 16, 4, 1, 0].map((kibibytes) => kibibytes * 1024);

/** A key that is a recipient's name (128 code points of at most 4 bytes) is never truncated. */
const KEY_MIN_BYTES = 512;

/** A UTF-16 code unit takes at most 3 bytes in UTF-8, and 6 in JSON, for control characters (`\u0000`). */
const BYTES_PER_UNIT = 4;

/**
 * Truncates value, text and key to the next smaller limit. Returns undefined if nothing is left to truncate. A
 * letter whose value or text was shortened is marked `truncated`, because it cannot be sent again.
 */
export function truncateFurther(letter: DeadLetter): DeadLetter | undefined {
  for (const limit of LIMITS) {
    const key = firstBytes(letter.key, Math.max(limit, KEY_MIN_BYTES));
    const value = firstBytes(letter.value, limit);
    const message = firstUnits(letter.message, limit / BYTES_PER_UNIT);
    const isCut = value !== letter.value || message !== letter.message;
    if (isCut || key !== letter.key)
      return { ...letter, key, value, message, truncated: letter.truncated || isCut };
  }
  return undefined;
}

function firstBytes(bytes: Uint8Array | null, limit: number): Uint8Array | null {
  return bytes !== null && bytes.length > limit ? bytes.subarray(0, limit) : bytes;
}

/** Returns at most `limit` code units, without splitting a surrogate pair. */
function firstUnits(text: string, limit: number): string {
  return text.length > limit ? text.slice(0, limit).replace(/[\ud800-\udbff]$/, '') : text;
}
