import type { LogRecord } from '../../application/ports/record-log.js';

export const MESSAGE_ID = 'postrider.message-id';
export const SENT_AT = 'postrider.sent-at';
export const REPLAYS = 'postrider.replays';
export const CORRECTS = 'postrider.corrects';

export type Headers = LogRecord['headers'];

/** A header's text; undefined if it is missing or empty. */
export function textHeader(headers: Headers, name: string): string | undefined {
  const text = headers[name];
  return text === '' ? undefined : text;
}

export function countHeader(headers: Headers, name: string): number | undefined {
  const text = headers[name];
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const count = Number(text);
  return Number.isSafeInteger(count) ? count : undefined;
}
