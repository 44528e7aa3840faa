import { textHeader, type Headers } from './record-headers.js';
import { readObject, readValue, valueOf, type RecordValue } from './record-value.js';
import { parseTime } from './record-time.js';

/** What the value of another program's dead letter tells of the failure. */
export interface ForeignFailure {
  readonly reason?: string;
  readonly failedAt?: number;
}

export interface ForeignDeadLetter extends ForeignFailure {
  readonly value: RecordValue;
}

/** Ours say what became of them. */
export function isForeign(headers: Headers): boolean {
  return textHeader(headers, 'postrider.disposition') === undefined;
}

/**
 * The NestJS service's form is `{from, to, message, reason, failedAt}`, by itself or in the member `value` of an envelope
 * (as an object, or as JSON in a string). Whatever else it is, is left as it came.
 */
export function readForeign(bytes: Buffer | null): ForeignDeadLetter {
  const outer = readValue(bytes);
  const value = outer.kind === 'object' && tellsNothing(outer.members) ? (opened(outer) ?? outer) : outer;
  if (value.kind === 'bytes') return { value };
  if (tellsNothing(value.members)) return { value: { kind: 'bytes', problem: NO_MESSAGE } };
  const { reason, failedAt } = value.members as { readonly reason?: unknown; readonly failedAt?: unknown };
  const time = parseTime(failedAt);
  return {
    value,
    ...(typeof reason === 'string' && reason !== '' && { reason }),
    ...(time !== undefined && { failedAt: time }),
  };
}

const NO_MESSAGE = 'The record has a value without any part of a message.';

type Members = Exclude<RecordValue, { kind: 'bytes' }>['members'];

function opened({ members }: { readonly members: Members }): RecordValue | undefined {
  const { value } = members as { readonly value?: unknown };
  const inner = typeof value === 'string' ? readObject(value) : valueOf(value);
  return inner.kind === 'bytes' || tellsNothing(inner.members) ? undefined : inner;
}

function tellsNothing({ from, to, message }: Members): boolean {
  return [from, to, message].every((member) => typeof member !== 'string' || member === '');
}
