import { createHash } from 'node:crypto';
import { mongo } from 'mongoose';
import { storedFields, type MessageDocument } from '../../src/adapters/mongodb/schema/documents.js';
import { recipientOf, textOf } from '../load/payload.js';

/** When the first of these messages was sent. Each later one follows after a millisecond. */
export const BEGAN = Date.UTC(2026, 0, 1);

/** The document of a stored message. `place` is its index, from 0. Recipients are assigned round-robin. */
export function messageDocument(place: number, recipients: number): MessageDocument {
  const to = recipientOf(place, recipients);
  const message = textOf(place);
  const id = new mongo.ObjectId();
  const content = createHash('sha256').update(`${to}${message}`).digest('hex');
  const number = Math.floor(place / recipients) + 1;
  const at = BEGAN + place;
  const stored = {
    id: id.toHexString(),
    from: 'bench',
    to,
    message,
    sentAt: at,
    number,
    storedAt: at,
    content,
  };
  return { _id: id, ...storedFields(stored), content };
}
