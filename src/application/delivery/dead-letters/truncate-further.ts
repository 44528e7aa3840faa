import type { DeadLetter } from '../../../domain/failures/failed-message.js';

/** The sizes in bytes to which a dead letter is cut, one after another, until the log and the store accept it. */
const LIMITS = [64, 16, 4, 1, 0].map((kibibytes) => kibibytes * 1024);

/** A key that is a recipient's name (128 code points of at most 4 bytes) is never cut. */
const KEY_MIN_BYTES = 512;

/** The most bytes that a UTF-16 unit takes in JSON, which has `\u0000` for a control character, is 6; in UTF-8 3. */
const BYTES_PER_UNIT = 4;

/**
 * Cuts value, readable text and key to the next smaller limit. Returns undefined when nothing is left to cut.
 * A cut value or text is marked `truncated`, because what is kept cannot be sent again.
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

/** Never cuts a character in two. */
function firstUnits(text: string, limit: number): string {
  return text.length > limit ? text.slice(0, limit).replace(/[\ud800-\udbff]$/, '') : text;
}
