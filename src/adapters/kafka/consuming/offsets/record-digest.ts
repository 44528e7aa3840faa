import { createHash } from 'node:crypto';
import type { RecordDigest } from '../../../../domain/delivery/consumer-position.js';
import type { LogRecord } from '../../../../application/ports/record-log.js';

const HEX_DIGITS = 24;

/** Hashes the timestamp, key and value, which differ between two records that had the same offset. */
export function digestOf({ offset, timestamp, key, value }: LogRecord): RecordDigest {
  const hash = createHash('sha256');
  // The lengths show where the key ends, and distinguish null from empty.
  hash.update(JSON.stringify([timestamp, key?.length ?? null, value?.length ?? null]));
  for (const bytes of [key, value]) if (bytes) hash.update(bytes);
  return { offset, hash: hash.digest('hex').slice(0, HEX_DIGITS) };
}
