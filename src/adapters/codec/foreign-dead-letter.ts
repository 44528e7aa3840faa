import { readObject, readValue, valueOf, type RecordValue } from './record-value.js';
import { parseTime } from './record-time.js';

/** What the value of another program's dead letter says about the failure. */
export interface ForeignFailure {
  readonly reason?: string;
  readonly failedAt?: number;
}

export interface ForeignDeadLetter extends ForeignFailure {
  readonly value: RecordValue;
}

/**
 * Reads the dead letters of the NestJS service: `{from, to, message, reason, failedAt}`, either as the whole value or
 * in the member `value` of an envelope (as an object, or as JSON in a string). Any other value is returned unchanged.
 */
export function readForeign(bytes: Buffer | null): ForeignDeadLetter {
  const outer = readValue(bytes);
  const value = outer.kind === 'object' && hasNoTexts(outer.members) ? (unwrapped(outer) ?? outer) : outer;
  if (value.kind === 'bytes') return { value };
  if (hasNoTexts(value.members)) return { value: { kind: 'bytes', problem: NO_MESSAGE } };
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

function unwrapped({ members }: { readonly members: Members }): RecordValue | undefined {
  const { value } = members as { readonly value?: unknown };
  const inner = typeof value === 'string' ? readObject(value) : valueOf(value);
  return inner.kind === 'bytes' || hasNoTexts(inner.members) ? undefined : inner;
}

function hasNoTexts({ from, to, message }: Members): boolean {
  return [from, to, message].every((member) => typeof member !== 'string' || member === '');
}
