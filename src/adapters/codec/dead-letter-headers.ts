import joi from 'joi';
import type { ReadableParts } from '../../application/ports/record-codec.js';
import type { DeadLetter, Disposition, Origin } from '../../domain/failures/failed-message.js';
import { isMessageId } from '../../domain/message.js';
import { FIELDS } from '../../domain/message-rules.js';
import { clampTime } from '../../domain/time.js';
import type { ForeignFailure } from './foreign-dead-letter.js';
import {
  CORRECTS,
  countHeader,
  MESSAGE_ID,
  REPLAYS,
  SENT_AT,
  textHeader,
  type Headers,
} from './record-headers.js';
import { boundedName, type Texts } from './readable-parts.js';
import { formatTime, parseTime } from './record-time.js';

const REASON_MAX_LENGTH = 1_000;
const TEXT_MAX_LENGTH = 16 * 1024;
// The names of Kafka's dead-letter headers (KIP-1191).
const KAFKA_TOPIC = '__dlq.errors.topic';
const KAFKA_PARTITION = '__dlq.errors.partition';
const KAFKA_OFFSET = '__dlq.errors.offset';
const KAFKA_GROUP = '__dlq.errors.group';
const KAFKA_COUNT = '__dlq.errors.delivery.count';
const KAFKA_REASON = '__dlq.errors.message';

/** The names of the altered members, separated by commas; empty if none was altered. */
const ALTERED = 'postrider.altered';

/** The part of a dead letter that is always in headers. Its texts are in the record's value, if that is readable. */
type Circumstances = Omit<DeadLetter, 'key' | 'value' | 'from' | 'to' | 'message' | 'encoding'>;

// Single assignments: building the object with spreads costs several times as much.
export function writeCircumstances(letter: Circumstances): Record<string, string> {
  const { origin, corrects, conflictsWith, altered } = letter;
  const headers: Record<string, string> = {};
  if (origin) {
    headers[KAFKA_TOPIC] = origin.topic;
    headers[KAFKA_PARTITION] = String(origin.partition);
    headers[KAFKA_OFFSET] = String(origin.offset);
    headers[KAFKA_GROUP] = origin.group;
  }
  headers[KAFKA_COUNT] = String(letter.attempts);
  headers[KAFKA_REASON] = cut(letter.reason, REASON_MAX_LENGTH);
  headers['postrider.disposition'] = letter.disposition;
  headers['postrider.code'] = letter.code;
  headers['postrider.failed-at'] = formatTime(letter.failedAt);
  headers[SENT_AT] = formatTime(letter.sentAt);
  headers[MESSAGE_ID] = letter.id;
  if (corrects !== undefined) headers[CORRECTS] = corrects;
  headers[REPLAYS] = String(letter.replays);
  headers['postrider.content'] = letter.content;
  if (conflictsWith !== undefined) headers['postrider.conflicts-with'] = conflictsWith;
  if (letter.truncated) headers['postrider.truncated'] = 'true';
  if (altered) headers[ALTERED] = altered.join(',');
  return headers;
}

/** Reads dead letters of other programs too: a missing header gets a neutral value. */
export function readCircumstances(
  headers: Headers,
  parts: ReadableParts,
  timestamp: number,
  foreign: ForeignFailure = {},
): Circumstances {
  const conflictsWith = headers['postrider.conflicts-with'];
  const origin = readOrigin(headers);
  return {
    id: parts.message.id,
    ...(parts.message.corrects !== undefined && { corrects: parts.message.corrects }),
    sentAt: parts.message.sentAt,
    replays: parts.replays,
    content: parts.content,
    truncated: headers['postrider.truncated'] === 'true',
    ...readAltered(headers),
    reason: cut(textHeader(headers, KAFKA_REASON) ?? foreign.reason ?? NO_REASON, REASON_MAX_LENGTH),
    code: matching(headers['postrider.code'], /^[a-z][a-z0-9-]{0,63}$/) ?? 'foreign-dead-letter',
    disposition: DISPOSITIONS.find((name) => name === headers['postrider.disposition']) ?? 'rejected',
    attempts: countHeader(headers, KAFKA_COUNT) ?? 0,
    failedAt: parseTime(headers['postrider.failed-at']) ?? foreign.failedAt ?? clampTime(timestamp),
    ...(origin && { origin }),
    ...(conflictsWith !== undefined && isMessageId(conflictsWith) && { conflictsWith }),
  };
}

/** The content fingerprint in the dead letter's headers. */
export function contentHeader(headers: Headers): string | undefined {
  return matching(headers['postrider.content'], /^[0-9a-f]{64}$/);
}

const NO_REASON = 'Another program put it on the dead-letter topic and gave no reason.';
const DISPOSITIONS: readonly Disposition[] = ['refused', 'rejected', 'exhausted'];

function readAltered(headers: Headers): Pick<DeadLetter, 'altered'> {
  const names = headers[ALTERED]?.split(',');
  return names ? { altered: FIELDS.filter((field) => names.includes(field)) } : {};
}

function readOrigin(headers: Headers): Origin | undefined {
  const topic = textHeader(headers, KAFKA_TOPIC);
  const partition = countHeader(headers, KAFKA_PARTITION);
  const offset = countHeader(headers, KAFKA_OFFSET);
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  const group = headers[KAFKA_GROUP] ?? '';
  return { topic: boundedName(topic), partition, offset, group: boundedName(group) };
}

function matching(text: string | undefined, pattern: RegExp): string | undefined {
  return text !== undefined && pattern.test(text) ? text : undefined;
}

const TEXTS = 'postrider.texts';
const text = joi.string().allow('').required();
const SHAPE = joi
  .object<Texts>({ from: text, to: text, message: text, encoding: joi.valid('base64') })
  .required();

/**
 * Writes the texts of a dead letter whose value does not contain them. Uses JSON, because it can express every string.
 */
export function writeTexts({ from, to, message, encoding }: Texts): Record<string, string> {
  const texts = { from, to, message: cut(message, TEXT_MAX_LENGTH), ...(encoding && { encoding }) };
  return { [TEXTS]: JSON.stringify(texts) };
}

export function readTexts(headers: Headers): Texts | undefined {
  const json = textHeader(headers, TEXTS);
  if (json === undefined) return undefined;
  try {
    const result = SHAPE.validate(JSON.parse(json));
    if (result.error !== undefined) return undefined;
    const { from, to } = result.value;
    return { ...result.value, from: boundedName(from), to: boundedName(to) };
  } catch {
    return undefined;
  }
}

/** Shortens a text without splitting a surrogate pair. */
function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '');
}
