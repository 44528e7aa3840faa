import type { ReadableParts } from '../../application/ports/record-codec.js';
import type { LogRecord } from '../../application/ports/record-log.js';
import type { DeadLetter } from '../../domain/failures/failed-message.js';
import type { Identities } from '../../domain/identity.js';
import { isMessageId, type MessageId } from '../../domain/message.js';
import { clampTime } from '../../domain/time.js';
import type { RecordHeaders } from './record-headers.js';
import { readValue, type RecordValue } from './record-value.js';
import { parseTime } from './record-time.js';

// The stores index names. A name cut to this length is still too long to be a valid client name.
const NAME_MAX_LENGTH = 256;

export function boundedName(name: string): string {
  return name.slice(0, NAME_MAX_LENGTH);
}

/** The texts of a message or a dead letter; `encoding` as in `DeadLetter`. */
export type Texts = Pick<DeadLetter, 'from' | 'to' | 'message' | 'encoding'>;

/** Reads a message's texts from a record's value. */
export function textsOf(bytes: Buffer | null, value: RecordValue = readValue(bytes)): Texts {
  if (value.kind === 'bytes') return { from: '', to: '', message: base64(bytes) ?? '', encoding: 'base64' };
  const { from, to, message } = value.members;
  return { from: boundedName(textOf(from)), to: boundedName(textOf(to)), message: textOf(message) };
}

type Members = Extract<RecordValue, { kind: 'object' }>['members'];

/** Reads as much of a record as possible, even if it breaks the message rules, and returns its parsed value too. */
export function readParts(
  record: LogRecord,
  headers: RecordHeaders,
  identities: Identities,
  value: RecordValue = readValue(record.value),
  content = contentOf(record.value, value, identities),
): { readonly parts: ReadableParts; readonly value: RecordValue } {
  const { from, to, message: text, encoding } = textsOf(record.value, value);
  const members: Partial<Members> = value.kind === 'bytes' ? {} : value.members;
  const { corrects } = headers;
  const message = {
    id: idOf(record, textOf(members.from), headers.id ?? textOf(members.id), identities),
    from,
    to,
    message: text,
    sentAt: headers.sentAt ?? parseTime(members.sentAt) ?? clampTime(record.timestamp),
  };
  const parts = {
    message: corrects === undefined ? message : { ...message, corrects },
    content,
    replays: headers.replays ?? 0,
  };
  return { parts: encoding === undefined ? parts : { ...parts, encoding }, value };
}

function contentOf(bytes: Buffer | null, value: RecordValue, identities: Identities): string {
  return value.kind === 'texts'
    ? identities.contentOf(value.members)
    : identities.contentOfBytes(base64(bytes));
}

function idOf(record: LogRecord, from: string, given: string, identities: Identities): MessageId {
  if (isMessageId(given)) return given;
  if (given !== '') return identities.ofForeignId(from, given);
  return identities.ofRecord(record, record.timestamp, base64(record.key), base64(record.value));
}

function textOf(member: unknown): string {
  return typeof member === 'string' ? member : '';
}

function base64(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('base64');
}
