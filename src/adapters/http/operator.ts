import type { IncomingMessage } from 'node:http';
import { sanitizeText } from '../../domain/message-rules.js';

const NAME_MAX_LENGTH = 128;

/** Who says to act, as it will stand in the history: a claim, which nobody has checked. */
export function operatorOf({ headers }: IncomingMessage): string | undefined {
  const header = headers['x-operator'];
  if (typeof header !== 'string') return undefined;
  // Node reads header bytes as Latin-1; names are written in UTF-8.
  const name = sanitizeText(Buffer.from(header, 'latin1').toString()).slice(0, NAME_MAX_LENGTH);
  return name === '' ? undefined : name;
}
