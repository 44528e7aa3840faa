// A code point takes up to 12 bytes: a surrogate pair with both halves escaped.
const BYTES_PER_CODE_POINT = 12;
const BYTES_FOR_OTHER_MEMBERS = 4 * 1024;

/** The most messages in one request. */
export const MAX_MESSAGES = 1_000;
/**
 * Bodies are held in memory as a whole, so a batch has a limit of its own, below a thousand messages of maximum length.
 */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** The most bytes of one message in a body, whatever escapes it uses. */
export function bytesOfMessage(messageMaxLength: number): number {
  return BYTES_PER_CODE_POINT * messageMaxLength + BYTES_FOR_OTHER_MEMBERS;
}

/** The body limit of a batch, which is the largest body limit of all routes. */
export function bytesOfBatch(messageMaxLength: number): number {
  const perMessage = bytesOfMessage(messageMaxLength);
  return Math.max(perMessage, Math.min(MAX_BATCH_BYTES, MAX_MESSAGES * perMessage));
}
