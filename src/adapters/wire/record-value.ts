import { isUtf8 } from 'node:buffer';
import joi from 'joi';
import type { MessageContent, RawMessage } from '../../domain/message-rules.js';

/** What a record's value turned out to be. */
export type RecordValue =
  | { readonly kind: 'bytes'; readonly problem: string }
  /** A JSON object, of whose three texts some may be missing or something else. */
  | {
      readonly kind: 'object';
      readonly members: RawMessage & { readonly id?: unknown; readonly sentAt?: unknown };
    }
  | {
      readonly kind: 'texts';
      readonly members: MessageContent & { readonly id?: unknown; readonly sentAt?: unknown };
    };

const text = joi.string().allow('').required();
const TEXTS = joi
  .object({ from: text, to: text, message: text })
  .unknown()
  .required()
  .prefs({ errors: { render: false } });

export function readValue(value: Buffer | null): RecordValue {
  if (value === null) return bytes('has no value');
  if (!isUtf8(value)) return bytes('has a value that is not UTF-8');
  return readObject(value.toString());
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
  const { error } = TEXTS.validate(parsed);
  // The schema has just seen what it is.
  if (error === undefined) return { kind: 'texts', members: parsed as MessageContent };
  if (error.details[0]?.path.length === 0) return bytes('has a value that is not a JSON object');
  return { kind: 'object', members: parsed as RawMessage };
}

/** What nearly every record is, told without the schema's help. */
function isOfTexts(value: unknown): value is MessageContent {
  if (typeof value !== 'object' || value === null) return false;
  const { from, to, message } = value as RawMessage;
  return typeof from === 'string' && typeof to === 'string' && typeof message === 'string';
}

function bytes(problem: string): RecordValue {
  return { kind: 'bytes', problem: `The record ${problem}.` };
}
