import { createHash } from 'node:crypto';
import type { ServedClients } from '../../domain/delivery/served-clients.js';

export interface GroupNames {
  /** Reads the messages. One group for each distinct set of clients, so that none skips another one's mail. */
  readonly receiver: string;
  /** Reads the dead letters; the same for every receiver. */
  readonly failures: string;
}

const HASH_DIGITS = 12;

export function groupNames(prefix: string, clients: ServedClients): GroupNames {
  const set = clients.canonical;
  const suffix = set === undefined ? '' : `-${shortHash(set)}`;
  return { receiver: `${prefix}-receiver${suffix}`, failures: `${prefix}-failures` };
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
}
