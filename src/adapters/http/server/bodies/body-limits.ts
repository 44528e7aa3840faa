// A code point takes up to 12 bytes, as an escaped surrogate pair.
const BYTES_PER_CODE_POINT = 12;
const BYTES_FOR_THE_REST = 4 * 1024;

/** How many messages one request may have. */
export const MAX_MESSAGES = 1_000;
/** A body is in memory as a whole: it is bounded for itself, below what a thousand of the longest messages take. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** What one message may take in a body, however it is written. */
export function bytesOfMessage(messageMaxLength: number): number {
  return BYTES_PER_CODE_POINT * messageMaxLength + BYTES_FOR_THE_REST;
}

/** The body limit of a request with many messages: the largest one that there is. */
export function bytesOfBatch(messageMaxLength: number): number {
  const perMessage = bytesOfMessage(messageMaxLength);
  return Math.max(perMessage, Math.min(MAX_BATCH_BYTES, MAX_MESSAGES * perMessage));
}
