import type { DeadLetter } from '../../domain/failures/failed-message.js';
import type { DeliveryPolicy } from '../../domain/delivery/delivery-policy.js';
import { isClientName } from '../../domain/message-rules.js';
import type { ServedClients } from '../../domain/delivery/served-clients.js';
import type { RecordCodec, ReadableParts } from '../ports/log/record-codec.js';
import type { LogRecord } from '../ports/log/record-log.js';
import type { Item } from './item.js';

/** What a record is to the receiver that reads it: something to bring to its outcome, or nothing to do. */
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
  // Named one by one: objects spread into another one cost several times as much.
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

/** Reads the message topic for the clients served; what can't be delivered goes straight to its dead letter. */
export function decodeMessages(
  codec: RecordCodec,
  policy: DeliveryPolicy,
  served: ServedClients,
  group: string,
): Decode {
  return (record, now) => {
    const decoded = codec.decode(record);
    if (!served.serves(decoded.message.to)) return 'skipped';
    if (policy.isExpired(record.timestamp, now)) return 'expired';
    const lane = laneOf(decoded.message.to, record);
    if (decoded.kind === 'message') {
      const { message, content, replays } = decoded;
      const entry = { kind: 'delivery', message, content, replays } as const;
      return { record, lane, entry, step: { kind: 'settle' }, attempts: 0 };
    }
    const { code, reason } = decoded;
    const verdict = { disposition: 'rejected', code, reason, attempts: 1, failedAt: now } as const;
    const letter = deadLetterOf(record, group, decoded, verdict);
    return { record, lane, entry: undefined, step: { kind: 'publish', letter }, attempts: 1 };
  };
}

/** Reads the dead-letter topic: everything on it is to be recorded. */
export function decodeDeadLetters(codec: RecordCodec, policy: DeliveryPolicy): Decode {
  return (record, now) => {
    if (policy.isExpired(record.timestamp, now)) return 'expired';
    const letter = codec.decodeDeadLetter(record);
    const entry = { kind: 'dead-letter', letter } as const;
    return { record, lane: laneOf(letter.to, record), entry, step: { kind: 'settle' }, attempts: 0 };
  };
}

/** Without a valid recipient there is no order to keep: every record has a lane of its own. */
function laneOf(to: string, record: LogRecord): string {
  return isClientName(to) ? to : `* ${String(record.offset)}`;
}
