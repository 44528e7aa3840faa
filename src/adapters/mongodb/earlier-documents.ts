import type { mongo } from 'mongoose';
import type { DeadLetter } from '../../domain/failed-message.js';
import type { Identities } from '../../domain/identity.js';
import type { Message } from '../../domain/message.js';

/** Where the NestJS service that was here before keeps its documents, in the same database. */
export const EARLIER_MESSAGES = 'messages';
export const EARLIER_FAILURES = 'failedmessages';

/** One of its documents. Its schema says what the members are; nothing has ever made sure. */
export interface EarlierDocument {
  readonly _id: mongo.ObjectId;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly message?: unknown;
  /** `Date.prototype.toString()`, of the start of the process: the same one in many documents. */
  readonly send_time?: unknown;
}

export interface EarlierFailure extends EarlierDocument {
  readonly reason?: unknown;
  readonly failedAt?: unknown;
}

/** What `Date.prototype.toString()` says before the name of the zone; the first group is without the weekday. */
export const TEXT_DATE = /^[A-Z][a-z]{2} ([A-Z][a-z]{2} \d{2} \d{4} \d{2}:\d{2}:\d{2} GMT[+-]\d{4})/;
export const ISO_DATE = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z)$/;

export const EARLIER_CODE = 'foreign-dead-letter';
const NO_REASON = 'The service that recorded it gave no reason.';

/** Always the same of the same document: what is listed before it is taken over and after that is one message. */
export function earlierMessage(document: EarlierDocument): Message {
  const { _id, from, to, message, send_time: sendTime } = document;
  const texts = { from: textOf(from), to: textOf(to), message: textOf(message) };
  return { id: _id.toHexString(), ...texts, sentAt: timeOf(sendTime) ?? madeAt(document) };
}

/** Its value is one that can be sent again; of the record that it came from nothing is known. */
export function earlierLetter(document: EarlierFailure, identities: Identities): DeadLetter {
  const message = earlierMessage(document);
  const { from, to, message: text } = message;
  return {
    ...message,
    content: identities.contentOf(message),
    key: Buffer.from(to),
    value: Buffer.from(JSON.stringify({ from, to, message: text })),
    truncated: false,
    reason: textOf(document.reason) || NO_REASON,
    code: EARLIER_CODE,
    disposition: 'rejected',
    attempts: 0,
    failedAt: timeOf(document.failedAt) ?? madeAt(document),
    replays: 0,
  };
}

/** When the document was made, to the second. */
export function madeAt({ _id }: EarlierDocument): number {
  return _id.getTimestamp().getTime();
}

function textOf(member: unknown): string {
  if (member === undefined || member === null) return '';
  return typeof member === 'string' ? member : JSON.stringify(member);
}

/** Undefined also before 1970: lists and their cursors begin there. */
function timeOf(member: unknown): number | undefined {
  const time = member instanceof Date ? member.getTime() : Date.parse(dateIn(member) ?? '');
  return time >= 0 ? time : undefined;
}

function dateIn(member: unknown): string | undefined {
  if (typeof member !== 'string') return undefined;
  return (TEXT_DATE.exec(member) ?? ISO_DATE.exec(member))?.[1];
}
