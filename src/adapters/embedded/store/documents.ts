import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import type { Known } from '../../../domain/delivery/fate.js';
import type { Holding } from '../../../domain/inbox/message-status.js';
import type { StoredMessage } from '../../../domain/message.js';

/** A record without its place, which is its key. */
export interface StoredRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestamp: number;
}

/** All that is known under one id. What was stored after it had failed has both. */
export interface MessageDocument {
  readonly stored?: StoredMessage;
  readonly failure?: FailedMessage;
}

export interface InboxDocument {
  /** The first number that is kept. */
  readonly first: number;
  /** The last number given. */
  readonly last: number;
}

export function toHolding({ stored, failure }: MessageDocument): Holding | undefined {
  if (stored === undefined) return failure && { failure };
  return { message: stored, ...(failure && { failure }) };
}

export function toKnown({ stored, failure }: MessageDocument): Known {
  const content = stored?.content ?? failure?.content ?? '';
  return { content, stored: stored !== undefined, ...(failure && { failure }) };
}

/** Bytes as a Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
