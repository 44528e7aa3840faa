import joi from 'joi';
import type { FailureQuery, ListCursor, MessageQuery } from '../../application/ports/archive.js';
import { OPEN_STATES, type FailureState } from '../../domain/failed-message.js';
import type { Message } from '../../domain/message.js';
import { isClientName } from '../../domain/message-rules.js';
import { limit, parameter, parseTime, validated, type RawQuery } from './query-parameters.js';

const STATES: readonly FailureState[] = [...OPEN_STATES, 'resolved', 'discarded'];
// 19 digits: earlier versions stored the 64-bit timestamps of records as they came.
const CURSOR = /^(\d{1,19})-([0-9a-f]{24})$/;

const clientName = parameter('a client name', (text) => (isClientName(text) ? text : undefined));
const anyName = parameter('1 to 256 characters', (text) => (text.length <= 256 ? text : undefined));
const time = parameter('a date, or a time with its offset, in ISO 8601', parseTime);
const common = {
  since: time,
  until: time,
  after: parameter('a cursor from a Link header', parseCursor),
  limit,
};

const messageSchema = joi.object<MessageQuery>({ from: clientName, to: clientName, ...common });
const failureSchema = joi.object<Omit<FailureQuery, 'states'> & { readonly state: FailureQuery['states'] }>({
  // What failed may have failed for its names.
  ...{ from: anyName, to: anyName, ...common },
  group: parameter('the key of a group', (text) => (/^[0-9a-f]{24}$/.test(text) ? text : undefined)),
  code: parameter('a code', (text) => (/^[a-z][a-z0-9-]{0,63}$/.test(text) ? text : undefined)),
  state: joi
    .array()
    .items(joi.valid(...STATES))
    .min(1)
    .default(OPEN_STATES)
    .messages({ '*': `must be one or more of ${STATES.join(', ')}` }),
});

export function parseMessageQuery(raw: RawQuery): MessageQuery {
  return validated(messageSchema, raw);
}

export function parseFailureQuery(raw: RawQuery): FailureQuery {
  const given = raw['state'] === undefined ? raw : { ...raw, state: splitList(raw['state']) };
  const { state, ...query } = validated(failureSchema, given);
  return { ...query, states: state };
}

export function cursorOf({ sentAt, id }: Message): string {
  return `${String(sentAt)}-${id}`;
}

/** Comma lists and repetitions, as they may come together. */
function splitList(value: unknown): string[] {
  const items = String(value)
    .split(',')
    .map((item) => item.trim());
  return [...new Set(items.filter((item) => item !== ''))];
}

function parseCursor(text: string): ListCursor | undefined {
  const [, sentAt, id] = CURSOR.exec(text) ?? [];
  return id === undefined ? undefined : { sentAt: Number(sentAt), id };
}
