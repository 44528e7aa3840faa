import joi from 'joi';
import type { ReadableParts } from '../../application/ports/record-codec.js';
import type { DeadLetter, Disposition, Origin } from '../../domain/failed-message.js';
import { isMessageId } from '../../domain/message.js';
import { FIELDS } from '../../domain/message-rules.js';
import { clampTime } from '../../domain/time.js';
import type { ToldFailure } from './foreign-letter.js';
import {
  CORRECTS,
  countHeader,
  MESSAGE_ID,
  REPLAYS,
  SENT_AT,
  textHeader,
  type Headers,
} from './record-headers.js';
import { boundedName } from './readable-parts.js';
import { formatTime, parseTime } from './wire-time.js';

const REASON_MAX_LENGTH = 1_000;
const TEXT_MAX_LENGTH = 16 * 1024;
// Kafka's own names (KIP-1191).
const KAFKA = '__dlq.errors.';

/** Names of members, separated by commas; empty where none was altered. */
const ALTERED = 'postrider.altered';

/** What of a dead letter stands in the record's headers. Everything but its texts, where its value tells those. */
type Circumstances = Omit<DeadLetter, 'key' | 'value' | 'from' | 'to' | 'message' | 'encoding'>;

type Texts = Pick<DeadLetter, 'from' | 'to' | 'message' | 'encoding'>;

export function writeCircumstances(letter: Circumstances): Record<string, string> {
  const { origin, conflictsWith } = letter;
  return {
    ...(origin && {
      [`${KAFKA}topic`]: origin.topic,
      [`${KAFKA}partition`]: String(origin.partition),
      [`${KAFKA}offset`]: String(origin.offset),
      [`${KAFKA}group`]: origin.group,
    }),
    [`${KAFKA}delivery.count`]: String(letter.attempts),
    [`${KAFKA}message`]: cut(letter.reason, REASON_MAX_LENGTH),
    'postrider.disposition': letter.disposition,
    'postrider.code': letter.code,
    'postrider.failed-at': formatTime(letter.failedAt),
    [SENT_AT]: formatTime(letter.sentAt),
    [MESSAGE_ID]: letter.id,
    ...(letter.corrects !== undefined && { [CORRECTS]: letter.corrects }),
    [REPLAYS]: String(letter.replays),
    'postrider.content': letter.content,
    ...(conflictsWith !== undefined && { 'postrider.conflicts-with': conflictsWith }),
    ...(letter.truncated && { 'postrider.truncated': 'true' }),
    ...(letter.altered && { [ALTERED]: letter.altered.join(',') }),
  };
}

/** Also of dead letters that other programs wrote: what they don't tell has a value that claims nothing. */
export function readCircumstances(
  headers: Headers,
  parts: ReadableParts,
  timestamp: number,
  told: ToldFailure = {},
): Circumstances {
  const conflictsWith = headers['postrider.conflicts-with'];
  const origin = readOrigin(headers);
  return {
    id: parts.message.id,
    ...(parts.message.corrects !== undefined && { corrects: parts.message.corrects }),
    sentAt: parts.message.sentAt,
    replays: parts.replays,
    content: matching(headers['postrider.content'], /^[0-9a-f]{64}$/) ?? parts.content,
    truncated: headers['postrider.truncated'] === 'true',
    ...readAltered(headers),
    reason: cut(textHeader(headers, `${KAFKA}message`) ?? told.reason ?? NO_REASON, REASON_MAX_LENGTH),
    code: matching(headers['postrider.code'], /^[a-z][a-z0-9-]{0,63}$/) ?? 'foreign-dead-letter',
    disposition: DISPOSITIONS.find((name) => name === headers['postrider.disposition']) ?? 'rejected',
    attempts: countHeader(headers, `${KAFKA}delivery.count`) ?? 0,
    failedAt: parseTime(headers['postrider.failed-at']) ?? told.failedAt ?? clampTime(timestamp),
    ...(origin && { origin }),
    ...(conflictsWith !== undefined && isMessageId(conflictsWith) && { conflictsWith }),
  };
}

const NO_REASON = 'Another program put it on the dead-letter topic and gave no reason.';
const DISPOSITIONS: readonly Disposition[] = ['refused', 'rejected', 'exhausted'];

function readAltered(headers: Headers): Pick<DeadLetter, 'altered'> {
  const names = headers[ALTERED]?.split(',');
  return names ? { altered: FIELDS.filter((field) => names.includes(field)) } : {};
}

function readOrigin(headers: Headers): Origin | undefined {
  const topic = textHeader(headers, `${KAFKA}topic`);
  const partition = countHeader(headers, `${KAFKA}partition`);
  const offset = countHeader(headers, `${KAFKA}offset`);
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  const group = headers[`${KAFKA}group`] ?? '';
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

/** The texts of a letter whose value doesn't tell them (any more): as JSON, which has a form for every string. */
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

/** Never cuts a character in two. */
function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '');
}
