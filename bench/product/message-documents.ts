import { createHash } from 'node:crypto';
import { mongo } from 'mongoose';
import { storedFields, type MessageDocument } from '../../src/adapters/mongodb/schema/documents.js';
import { recipientOf, textOf } from '../load/payload.js';

/** When the first of these messages was sent. Each later one follows after a millisecond. */
export const FIRST_SENT_AT = Date.UTC(2026, 0, 1);

/** The document of a stored message. `place` is its index, from 0. Recipients are assigned round-robin. */
export function messageDocument(index: number, recipients: number): MessageDocument {
  const to = recipientOf(index, recipients);
  const message = textOf(index);
  const id = new mongo.ObjectId();
  const content = createHash('sha256').update(`${to}${message}`).digest('hex');
  const number = Math.floor(index / recipients) + 1;
  const sentAt = FIRST_SENT_AT + index;
  const stored = {
    id: id.toHexString(),
    from: 'bench',
    to,
    message,
    sentAt,
    number,
    storedAt: sentAt,
    content,
  };
  return { _id: id, ...storedFields(stored), content };
}
