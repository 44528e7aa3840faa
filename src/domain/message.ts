import type { MessageContent } from './message-rules.js';

/** 24 lower-case hex digits. */
export type MessageId = string;

/** A valid message. `sentAt` is in milliseconds since the epoch. */
export interface Message extends MessageContent {
  readonly id: MessageId;
  readonly sentAt: number;
  /** The failed message that this one corrects. */
  readonly corrects?: MessageId;
}

/** A message with its number in the recipient's inbox. Numbers of an inbox start at 1 and are assigned without gaps. */
export interface StoredMessage extends Message {
  readonly number: number;
  readonly storedAt: number;
  /** The fingerprint of (from, to, message); see `Identities`. */
  readonly content: string;
}

const MESSAGE_ID = /^[0-9a-f]{24}$/;

export function isMessageId(id: string): boolean {
  return MESSAGE_ID.test(id);
}
