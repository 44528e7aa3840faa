import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import type { Known } from '../../../domain/delivery/fate.js';
import type { Holding } from '../../../domain/inbox/message-status.js';
import type { StoredMessage } from '../../../domain/message.js';

/** A record without topic, partition and offset, which form its key. */
export interface StoredRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestamp: number;
}

/** Everything known under one id. A message that was stored after a failure has both. */
export interface MessageDocument {
  readonly stored?: StoredMessage;
  readonly failure?: FailedMessage;
}

export interface InboxDocument {
  /** The lowest number still kept. */
  readonly first: number;
  /** The last number assigned. */
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

/** A Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
