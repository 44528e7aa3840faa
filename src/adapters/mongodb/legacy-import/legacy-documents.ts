import type { mongo } from 'mongoose';
import {
  firstFailure,
  type DeadLetter,
  type FailedMessage,
} from '../../../domain/failures/failed-message.js';
import { groupOf } from '../../../domain/failures/failure-group.js';
import type { Identities } from '../../../domain/identity.js';
import type { Message, StoredMessage } from '../../../domain/message.js';

/** The collection of messages of the legacy service (NestJS), in the same database. */
export const LEGACY_MESSAGES = 'messages';
/** The published service's model is MessageDlq; some copies name it FailedMessage. A database may have both. */
export const LEGACY_FAILURES = ['messagedlqs', 'failedmessages'] as const;

/** A document of the legacy service. Its schema types the members, but nothing has enforced it. */
export interface LegacyDocument {
  readonly _id: mongo.ObjectId;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly message?: unknown;
  /** `Date.prototype.toString()` of the time when the process started, so many documents have the same one. */
  readonly send_time?: unknown;
}

export interface LegacyFailure extends LegacyDocument {
  readonly reason?: unknown;
  readonly failedAt?: unknown;
}

/**
 * Captures the time in a text: `Date.prototype.toString()` without the weekday and the name of the zone, which
 * MongoDB can parse too, or ISO 8601.
 */
export const TIME_IN_TEXT =
  /^(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2} \d{2} \d{4} \d{2}:\d{2}:\d{2} GMT[+-]\d{4}|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z)/;
/** The range of times that lists and their cursors can order. */
export const EARLIEST = 0;
export const LATEST = Date.UTC(9999, 11, 31);

export const LEGACY_CODE = 'foreign-dead-letter';
const NO_REASON = 'The service that recorded it gave no reason.';

/** Converts a document. The result is the same each time, so a message keeps its identity when it is imported. */
export function legacyMessage(document: LegacyDocument): Message {
  const { _id, from, to, message, send_time: sendTime } = document;
  const texts = { from: textOf(from), to: textOf(to), message: textOf(message) };
  return { id: _id.toHexString(), ...texts, sentAt: timeOf(sendTime) ?? madeAt(document) };
}

/** Makes the dead letter of a document. Its value can be sent again. Nothing is known about the original record. */
export function legacyLetter(document: LegacyFailure, identities: Identities): DeadLetter {
  const message = legacyMessage(document);
  const { from, to, message: text } = message;
  return {
    ...message,
    content: identities.contentOf(message),
    key: Buffer.from(to),
    value: Buffer.from(JSON.stringify({ from, to, message: text })),
    truncated: false,
    reason: textOf(document.reason) || NO_REASON,
    code: LEGACY_CODE,
    disposition: 'rejected',
    attempts: 0,
    failedAt: timeOf(document.failedAt) ?? madeAt(document),
    replays: 0,
  };
}

/**
 * Converts a document for lists. It has no place in an inbox yet, so it counts as unread: its number is above every
 * read position.
 */
export function legacyStored(document: LegacyDocument, identities: Identities): StoredMessage {
  const message = legacyMessage(document);
  const content = identities.contentOf(message);
  return { ...message, number: Number.MAX_SAFE_INTEGER, storedAt: madeAt(document), content };
}

/** Converts a document for lists. No action has been taken on it. */
export function legacyFailed(document: LegacyFailure, identities: Identities): FailedMessage {
  const letter = legacyLetter(document, identities);
  return firstFailure(letter, letter.failedAt, groupOf(letter, identities));
}

/** Returns when the document was created, to the second. */
export function madeAt({ _id }: LegacyDocument): number {
  return _id.getTimestamp().getTime();
}

function textOf(member: unknown): string {
  if (member === undefined || member === null) return '';
  return typeof member === 'string' ? member : JSON.stringify(member);
}

export function timeOf(member: unknown): number | undefined {
  const time = member instanceof Date ? member.getTime() : Date.parse(timeIn(member));
  return time >= EARLIEST && time <= LATEST ? time : undefined;
}

function timeIn(member: unknown): string {
  return (typeof member === 'string' ? TIME_IN_TEXT.exec(member)?.[1] : undefined) ?? '';
}
