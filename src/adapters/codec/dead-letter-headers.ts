import joi from 'joi';
import type { DeadLetter, Disposition, Origin } from '../../domain/failures/failed-message.js';
import type { MessageId } from '../../domain/message.js';
import { FIELDS, type Field } from '../../domain/message-rules.js';
import {
  CORRECTS,
  countHeader,
  idHeader,
  MESSAGE_ID,
  readRecordHeaders,
  REPLAYS,
  SENT_AT,
  textHeader,
  type Headers,
  type RecordHeaders,
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

const DISPOSITION = 'postrider.disposition';
const CODE = 'postrider.code';
const FAILED_AT = 'postrider.failed-at';
const CONTENT = 'postrider.content';
const CONFLICTS_WITH = 'postrider.conflicts-with';
const TRUNCATED = 'postrider.truncated';
const TEXTS = 'postrider.texts';
/** The names of the altered members, separated by commas; empty if none was altered. */
const ALTERED = 'postrider.altered';

/**
 * What a dead letter's headers say about the failure. Other programs write dead letters too: a header that is missing
 * or malformed gives undefined or a neutral value.
 */
export interface DeadLetterHeaders extends RecordHeaders {
  /** Whether another program wrote the dead letter: ours have a disposition. */
  readonly isForeign: boolean;
  readonly disposition: Disposition;
  readonly code: string;
  readonly reason: string | undefined;
  readonly attempts: number;
  readonly failedAt: number | undefined;
  readonly origin: Origin | undefined;
  readonly content: string | undefined;
  readonly conflictsWith: MessageId | undefined;
  readonly truncated: boolean;
  readonly altered: readonly Field[] | undefined;
  /** The texts of a dead letter whose value does not contain them. */
  readonly texts: Texts | undefined;
}

export function readDeadLetterHeaders(headers: Headers): DeadLetterHeaders {
  const { id, sentAt, replays, corrects } = readRecordHeaders(headers);
  const disposition = textHeader(headers, DISPOSITION);
  // Members are listed one by one because spreading objects costs several times as much.
  return {
    id,
    sentAt,
    replays,
    corrects,
    isForeign: disposition === undefined,
    disposition: DISPOSITIONS.find((name) => name === disposition) ?? 'rejected',
    code: matching(headers[CODE], /^[a-z][a-z0-9-]{0,63}$/) ?? 'foreign-dead-letter',
    reason: textHeader(headers, KAFKA_REASON),
    attempts: countHeader(headers, KAFKA_COUNT) ?? 0,
    failedAt: parseTime(headers[FAILED_AT]),
    origin: readOrigin(headers),
    content: matching(headers[CONTENT], /^[0-9a-f]{64}$/),
    conflictsWith: idHeader(headers, CONFLICTS_WITH),
    truncated: headers[TRUNCATED] === 'true',
    altered: readAltered(headers),
    texts: readTexts(headers),
  };
}

/** Writes everything but the texts, which are in the record's value if that is readable. */
// Single assignments: building the object with spreads costs several times as much.
export function writeDeadLetterHeaders(letter: DeadLetter): Record<string, string> {
  const { origin, corrects, conflictsWith, altered } = letter;
  const headers: Record<string, string> = {};
  if (origin) {
    headers[KAFKA_TOPIC] = origin.topic;
    headers[KAFKA_PARTITION] = String(origin.partition);
    headers[KAFKA_OFFSET] = String(origin.offset);
    headers[KAFKA_GROUP] = origin.group;
  }
  headers[KAFKA_COUNT] = String(letter.attempts);
  headers[KAFKA_REASON] = boundedReason(letter.reason);
  headers[DISPOSITION] = letter.disposition;
  headers[CODE] = letter.code;
  headers[FAILED_AT] = formatTime(letter.failedAt);
  headers[SENT_AT] = formatTime(letter.sentAt);
  headers[MESSAGE_ID] = letter.id;
  if (corrects !== undefined) headers[CORRECTS] = corrects;
  headers[REPLAYS] = String(letter.replays);
  headers[CONTENT] = letter.content;
  if (conflictsWith !== undefined) headers[CONFLICTS_WITH] = conflictsWith;
  if (letter.truncated) headers[TRUNCATED] = 'true';
  if (altered) headers[ALTERED] = altered.join(',');
  return headers;
}

const DISPOSITIONS: readonly Disposition[] = ['refused', 'rejected', 'exhausted'];

function readAltered(headers: Headers): readonly Field[] | undefined {
  const names = headers[ALTERED]?.split(',');
  return names && FIELDS.filter((field) => names.includes(field));
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

function readTexts(headers: Headers): Texts | undefined {
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

export function boundedReason(reason: string): string {
  return cut(reason, REASON_MAX_LENGTH);
}

/** Shortens a text without splitting a surrogate pair. */
function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '');
}
