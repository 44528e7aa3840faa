import type { ReadableParts } from '../../application/ports/record-codec.js';
import type { LogRecord } from '../../application/ports/record-log.js';
import type { Identities } from '../../domain/identity.js';
import { isMessageId, type MessageId } from '../../domain/message.js';
import { clampTime } from '../../domain/time.js';
import { CORRECTS, countHeader, MESSAGE_ID, REPLAYS, SENT_AT, textHeader } from './record-headers.js';
import { readValue, type RecordValue } from './record-value.js';
import { parseTime } from './wire-time.js';

// Stores index names. What is cut is still too long to be a name.
const NAME_MAX_LENGTH = 256;

export function boundedName(name: string): string {
  return name.slice(0, NAME_MAX_LENGTH);
}

/** What a record says, by whatever rules it was written, next to what its value turned out to be. */
export function readParts(
  record: LogRecord,
  identities: Identities,
  value: RecordValue = readValue(record.value),
): { readonly parts: ReadableParts; readonly value: RecordValue } {
  const members = value.kind === 'bytes' ? {} : value.members;
  const from = textOf(members.from);
  const corrects = textHeader(record.headers, CORRECTS) ?? '';
  const message = {
    id: idOf(record, from, members.id, identities),
    ...(isMessageId(corrects) && { corrects }),
    from: boundedName(from),
    to: boundedName(textOf(members.to)),
    message: value.kind === 'bytes' ? (base64(record.value) ?? '') : textOf(members.message),
    sentAt: parseTime(record.headers[SENT_AT]) ?? parseTime(members.sentAt) ?? clampTime(record.timestamp),
  };
  const content =
    value.kind === 'texts'
      ? identities.contentOf(value.members)
      : identities.contentOfBytes(base64(record.value));
  const replays = countHeader(record.headers, REPLAYS) ?? 0;
  const encoding = value.kind === 'bytes' ? ({ encoding: 'base64' } as const) : undefined;
  return { parts: { message, content, replays, ...encoding }, value };
}

function idOf(record: LogRecord, from: string, member: unknown, identities: Identities): MessageId {
  const given = textHeader(record.headers, MESSAGE_ID) ?? textOf(member);
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
