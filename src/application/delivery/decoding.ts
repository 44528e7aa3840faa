import type { DeadLetter } from '../../domain/failures/failed-message.js';
import type { DeliveryPolicy } from '../../domain/delivery/delivery-policy.js';
import { isClientName } from '../../domain/message-rules.js';
import type { ServedClients } from '../../domain/delivery/served-clients.js';
import type { RecordCodec, ReadableParts } from '../ports/record-codec.js';
import type { LogRecord } from '../ports/record-log.js';
import type { Item } from './item.js';
import type { CheckPartition } from './misplaced-records.js';

/** The result of decoding a record: an item to deliver, or a reason to do nothing. */
export type Decoded = Item | 'skipped' | 'expired';

export type Decode = (record: LogRecord, now: number) => Decoded;

export interface Verdict {
  readonly disposition: DeadLetter['disposition'];
  readonly code: string;
  readonly reason: string;
}

export function deadLetterOf(
  record: LogRecord,
  group: string,
  parts: ReadableParts,
  verdict: Verdict & { readonly attempts: number; readonly failedAt: number },
): DeadLetter {
  const { message, encoding } = parts;
  const { topic, partition, offset } = record;
  // Members are listed one by one because spreading objects costs several times as much.
  const letter: DeadLetter = {
    id: message.id,
    from: message.from,
    to: message.to,
    message: message.message,
    sentAt: message.sentAt,
    content: parts.content,
    key: record.key,
    value: record.value,
    truncated: false,
    reason: verdict.reason,
    code: verdict.code,
    disposition: verdict.disposition,
    attempts: verdict.attempts,
    failedAt: verdict.failedAt,
    origin: { topic, partition, offset, group },
    replays: parts.replays,
  };
  if (message.corrects === undefined && encoding === undefined) return letter;
  const { corrects } = message;
  return { ...letter, ...(corrects !== undefined && { corrects }), ...(encoding && { encoding }) };
}

/**
 * Decodes the message topic for the served clients. A record that cannot be delivered goes straight to its dead letter.
 */
export function decodeMessages(
  codec: RecordCodec,
  policy: DeliveryPolicy,
  served: ServedClients,
  group: string,
  checkPartition: CheckPartition,
): Decode {
  return (record, now) => {
    const decoded = codec.decode(record);
    const { to } = decoded.message;
    if (!served.serves(to)) return 'skipped';
    if (policy.isExpired(record.timestamp, now)) return 'expired';
    const orderingKey = orderingKeyOf(to, record);
    if (orderingKey === to) checkPartition(record, to);
    if (decoded.kind === 'message') {
      const { message, content, replays } = decoded;
      const entry = { kind: 'delivery', message, content, replays } as const;
      return { record, orderingKey, entry, step: { kind: 'settle' }, attempts: 0 };
    }
    const { code, reason } = decoded;
    const verdict = { disposition: 'rejected', code, reason, attempts: 1, failedAt: now } as const;
    const letter = deadLetterOf(record, group, decoded, verdict);
    return { record, orderingKey, entry: undefined, step: { kind: 'publish', letter }, attempts: 1 };
  };
}

/** Decodes the dead-letter topic. Every letter is recorded. */
export function decodeDeadLetters(codec: RecordCodec, policy: DeliveryPolicy): Decode {
  return (record, now) => {
    if (policy.isExpired(record.timestamp, now)) return 'expired';
    const letter = codec.decodeDeadLetter(record);
    const entry = { kind: 'dead-letter', letter } as const;
    const orderingKey = orderingKeyOf(letter.to, record);
    return { record, orderingKey, entry, step: { kind: 'settle' }, attempts: 0 };
  };
}

/** Returns the recipient, or a key of its own for a record without a valid recipient, which has no order to keep. */
function orderingKeyOf(to: string, record: LogRecord): string {
  return isClientName(to) ? to : `* ${String(record.offset)}`;
}
