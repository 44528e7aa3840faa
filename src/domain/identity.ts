import type { MessageId } from './message.js';
import { sanitizeText, type MessageContent } from './message-rules.js';

/** Returns the SHA-256 of a text's UTF-8 bytes, as 64 lower-case hex digits. */
export type Sha256 = (text: string) => string;

/** The position of a record in the log. Offsets are below 2^53. */
export interface RecordPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * Derives ids and content fingerprints. An id is the first 12 bytes of SHA-256 over a JSON array that begins with a
 * tag for its purpose, so that ids of different purposes never collide. Bytes are passed as base64.
 */
export class Identities {
  constructor(private readonly sha256: Sha256) {}

  ofIdempotencyKey(from: string, key: string): MessageId {
    return this.derive(['idempotency-key', from, key]);
  }

  /** For a foreign id that is not in our form. Two senders may use the same one. */
  ofForeignId(from: string, id: string): MessageId {
    return this.derive(['foreign-id', from, id]);
  }

  ofRecord(at: RecordPosition, timestamp: number, key: string | null, value: string | null): MessageId {
    return this.derive(['record', at.topic, at.partition, at.offset, timestamp, key, value]);
  }

  /** For the failure of a message whose id belongs to another message. */
  ofReusedId(id: MessageId, content: string): MessageId {
    return this.derive(['reused-id', id, content]);
  }

  /** For the corrected message that supersedes a failed one. */
  ofCorrection(id: MessageId): MessageId {
    return this.derive(['correction', id]);
  }

  /** For failures with one code and one normalised reason. */
  ofGroup(code: string, reason: string): string {
    return this.derive(['failure-group', code, reason]);
  }

  /**
   * The fingerprint of sender, recipient and text. Two messages are the same if their sanitized contents are equal,
   * whatever the limits.
   */
  contentOf({ from, to, message }: MessageContent): string {
    return this.sha256(
      JSON.stringify(['content', sanitizeText(from), sanitizeText(to), sanitizeText(message)]),
    );
  }

  contentOfBytes(value: string | null): string {
    return this.sha256(JSON.stringify(['content-bytes', value]));
  }

  private derive(parts: readonly unknown[]): MessageId {
    return this.sha256(JSON.stringify(parts)).slice(0, 24);
  }
}
