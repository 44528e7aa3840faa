import type { Message } from '../domain/message.js';
import type { RawMessage } from '../domain/message-rules.js';
import type { TraceContext } from './ports/record-codec.js';

export interface SendRequest extends TraceContext {
  readonly content: RawMessage;
  /** 1 to 255 visible ASCII characters; checked at the edge. */
  readonly idempotencyKey?: string;
}

/**
 * Accepts a message: resolves when the log has it durably. Rejects with `InvalidMessage` (recorded as a failed
 * message), `IdempotencyKeyReused`, `RecordTooLarge`, or `SendFailed`.
 */
export interface SendMessage {
  send(request: SendRequest): Promise<Message>;
}
