import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { sanitizeText } from '../../../domain/message-rules.js';

const NAME_MAX_LENGTH = 128;

/** Returns the operator's name for the failure's history. The name is what the caller claims; it is not verified. */
export function operatorOf({ headers }: IncomingMessage): string | undefined {
  const header = headers['x-operator'];
  if (typeof header !== 'string') return undefined;
  // Node reads the bytes of headers as Latin-1, which some clients write; others write UTF-8.
  const bytes = Buffer.from(header, 'latin1');
  const name = sanitizeText(isUtf8(bytes) ? bytes.toString() : header).slice(0, NAME_MAX_LENGTH);
  return name === '' ? undefined : name;
}
