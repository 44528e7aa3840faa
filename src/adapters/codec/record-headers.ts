import type { LogRecord } from '../../application/ports/record-log.js';
import { isMessageId, type MessageId } from '../../domain/message.js';
import { parseTime } from './record-time.js';

export const MESSAGE_ID = 'postrider.message-id';
export const SENT_AT = 'postrider.sent-at';
export const REPLAYS = 'postrider.replays';
export const CORRECTS = 'postrider.corrects';

export type Headers = LogRecord['headers'];

/** What a record's headers say about its message. A member is undefined if its header is missing or malformed. */
export interface RecordHeaders {
  /** Not checked: another program may have written any text. */
  readonly id: string | undefined;
  readonly sentAt: number | undefined;
  readonly replays: number | undefined;
  readonly corrects: MessageId | undefined;
}

export function readRecordHeaders(headers: Headers): RecordHeaders {
  return {
    id: textHeader(headers, MESSAGE_ID),
    sentAt: parseTime(headers[SENT_AT]),
    replays: countHeader(headers, REPLAYS),
    corrects: idHeader(headers, CORRECTS),
  };
}

/** A header's text; undefined if it is missing or empty. */
export function textHeader(headers: Headers, name: string): string | undefined {
  const text = headers[name];
  return text === '' ? undefined : text;
}

export function idHeader(headers: Headers, name: string): MessageId | undefined {
  const id = headers[name];
  return id !== undefined && isMessageId(id) ? id : undefined;
}

export function countHeader(headers: Headers, name: string): number | undefined {
  const text = headers[name];
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const count = Number(text);
  return Number.isSafeInteger(count) ? count : undefined;
}
