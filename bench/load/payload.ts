import { MESSAGE_BYTES } from '../sizes.js';

const NUMBER_DIGITS = 10;
const FILLER = ' the quick brown fox jumps over the lazy dog'
  .repeat(Math.ceil(MESSAGE_BYTES / 40))
  .slice(0, MESSAGE_BYTES - NUMBER_DIGITS - 1);

export function recipientOf(number: number, recipients: number): string {
  return `client-${String(number % recipients).padStart(3, '0')}`;
}

/** A text of the benchmark's message size. It begins with the message's number and has no trailing white space. */
export function textOf(number: number): string {
  return `${String(number).padStart(NUMBER_DIGITS, '0')}${FILLER}.`;
}

/** The message number at the beginning of a text. */
export function numberOf(text: string): number {
  return Number(text.slice(0, NUMBER_DIGITS));
}

/** Finds the message numbers in JSON text. */
export const NUMBERS_IN_JSON = new RegExp(`"message":"(\\d{${NUMBER_DIGITS}})`, 'g');

/** The JSON of a message, built without escaping: no part of it needs any. */
export function messageJson(number: number, recipients: number): string {
  return `{"from":"bench","to":"${recipientOf(number, recipients)}","message":"${textOf(number)}"}`;
}

/** A complete HTTP request, in ASCII. */
export function requestOf(first: number, batch: number, recipients: number): string {
  const path = batch === 1 ? '/send-message' : '/send-messages';
  const body = batch === 1 ? messageJson(first, recipients) : batchJson(first, batch, recipients);
  return (
    `POST ${path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n` +
    `content-length: ${body.length}\r\n\r\n${body}`
  );
}

function batchJson(first: number, batch: number, recipients: number): string {
  const messages = Array.from({ length: batch }, (_, at) => messageJson(first + at, recipients));
  return `{"messages":[${messages.join(',')}]}`;
}
