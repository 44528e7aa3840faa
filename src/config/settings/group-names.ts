import { createHash } from 'node:crypto';
import type { ServedClients } from '../../domain/delivery/served-clients.js';

export interface GroupNames {
  /** Reads messages. Each set of served clients has its own group, because a group skips messages for other clients. */
  readonly receiver: string;
  /** Reads dead letters. The same for every receiver. */
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
