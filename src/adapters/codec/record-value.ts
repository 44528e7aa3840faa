import { isUtf8 } from 'node:buffer';
import type { MessageContent, RawMessage } from '../../domain/message-rules.js';

const BRACE = 0x7b;
const WHITE_SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** A record's parsed value. */
export type RecordValue =
  | { readonly kind: 'bytes'; readonly problem: string }
  /** A JSON object in which some of the three texts may be missing or of another type. */
  | {
      readonly kind: 'object';
      readonly members: RawMessage & { readonly id?: unknown; readonly sentAt?: unknown };
    }
  | {
      readonly kind: 'texts';
      readonly members: MessageContent & { readonly id?: unknown; readonly sentAt?: unknown };
    };

export function readValue(value: Buffer | null): RecordValue {
  if (value === null) return bytes('has no value');
  if (!isUtf8(value)) return bytes('has a value that is not UTF-8');
  return mayBeObject(value) ? readObject(value.toString()) : new NoObject(value);
}

/** A value that is not a JSON object. Parses it only when `problem` is read, because a parser error is expensive. */
class NoObject {
  readonly kind = 'bytes';

  constructor(private readonly value: Buffer) {}

  get problem(): string {
    const read = readObject(this.value.toString());
    return read.kind === 'bytes' ? read.problem : '';
  }
}

/** Reports whether the first byte after JSON white space is an opening brace. */
function mayBeObject(value: Buffer): boolean {
  for (const byte of value) if (!WHITE_SPACE.has(byte)) return byte === BRACE;
  return false;
}

export function readObject(json: string): RecordValue {
  try {
    return valueOf(JSON.parse(json));
  } catch {
    return bytes('has a value that is not JSON');
  }
}

export function valueOf(parsed: unknown): RecordValue {
  if (isOfTexts(parsed)) return { kind: 'texts', members: parsed };
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return bytes('has a value that is not a JSON object');
  }
  return { kind: 'object', members: parsed };
}

function isOfTexts(value: unknown): value is MessageContent {
  if (typeof value !== 'object' || value === null) return false;
  const { from, to, message } = value as RawMessage;
  return typeof from === 'string' && typeof to === 'string' && typeof message === 'string';
}

function bytes(problem: string): RecordValue {
  return { kind: 'bytes', problem: `The record ${problem}.` };
}
