import { DomainError } from './errors.js';

export type Field = 'from' | 'to' | 'message';

/** A broken rule of one field. `detail` is the sentence that clients see. */
export interface Violation {
  readonly field: Field;
  readonly detail: string;
}

/** The fields of a send as received, unchecked. */
export type RawMessage = Readonly<Partial<Record<Field, unknown>>>;

/** The fields of a valid send, sanitized and within their limits. */
export type MessageContent = Readonly<Record<Field, string>>;

export class InvalidMessage extends DomainError {
  readonly code = 'invalid-message';

  constructor(readonly violations: readonly Violation[]) {
    super(`Message validation failed: ${violations.map((v) => `${v.field}: ${v.detail}`).join(', ')}`);
  }

  /** The sentence that a failed message stores as its reason. */
  get reason(): string {
    return this.message;
  }
}

export const FIELDS: readonly Field[] = ['from', 'to', 'message'];
export const CLIENT_NAME_MAX_LENGTH = 128;

const CLIENT_NAME = /^[A-Za-z0-9._:@-]+$/;
// eslint-disable-next-line no-control-regex -- it matches control characters
const REMOVED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const LONE_SURROGATE = /\p{Surrogate}/u;
const LONE_SURROGATES = /\p{Surrogate}/gu;
// Matches strings that sanitizeText would not change: the common case, found in one scan.
const PLAIN = /^[!-~](?:[\t\n -~]*[!-~])?$/;

/** Removes control characters except tab and newline, normalizes to Unicode NFC and trims white space. Idempotent. */
export function sanitizeText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(REMOVED, '').normalize('NFC').trim();
}

/** Replaces each lone surrogate by U+FFFD, as UTF-8 encoders do. */
export function replaceLoneSurrogates(text: string): string {
  return text.replace(LONE_SURROGATES, '\ufffd');
}

export function isClientName(name: string): boolean {
  return name.length <= CLIENT_NAME_MAX_LENGTH && CLIENT_NAME.test(name) && name !== '.' && name !== '..';
}

/** Checks all rules of a message. Throws `InvalidMessage` with one violation per broken field. */
export function checkMessage(raw: RawMessage, maxLength: number): MessageContent {
  const message = typeof raw.message === 'string' ? sanitizeText(raw.message) : raw.message;
  const details: Record<Field, string | undefined> = {
    from: clientNameProblem(raw.from),
    to: clientNameProblem(raw.to),
    message: textProblem(message, maxLength),
  };
  const violations = FIELDS.flatMap((field) => {
    const problem = details[field];
    return problem === undefined ? [] : [{ field, detail: `Path \`${field}\` ${problem}.` }];
  });
  if (violations.length > 0) throw new InvalidMessage(violations);
  return { from: raw.from as string, to: raw.to as string, message: message as string };
}

function clientNameProblem(value: unknown): string | undefined {
  const problem = stringProblem(value);
  if (problem !== undefined) return problem;
  const name = value as string;
  if (name.length > CLIENT_NAME_MAX_LENGTH) return tooLong(CLIENT_NAME_MAX_LENGTH);
  return isClientName(name) ? undefined : NOT_ALLOWED;
}

function textProblem(value: unknown, maxLength: number): string | undefined {
  const problem = stringProblem(value);
  if (problem !== undefined) return problem;
  const text = value as string;
  // A code point is one or two UTF-16 units, so only lengths between the two bounds need counting.
  if (text.length > maxLength && (text.length > 2 * maxLength || [...text].length > maxLength)) {
    return tooLong(maxLength);
  }
  return LONE_SURROGATE.test(text) ? NOT_ALLOWED : undefined;
}

function stringProblem(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return 'is required';
  return typeof value === 'string' ? undefined : 'must be a string';
}

export const NOT_ALLOWED = 'contains characters that are not allowed';
const tooLong = (max: number): string => `is longer than the maximum allowed length (${String(max)})`;
