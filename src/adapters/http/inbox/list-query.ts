import joi from 'joi';
import type { FailureQuery, ListCursor, MessageQuery } from '../../../application/ports/archive.js';
import { OPEN_STATES, type FailureState } from '../../../domain/failures/failed-message.js';
import { isClientName } from '../../../domain/message-rules.js';
import {
  hasAtMost,
  limit,
  parameter,
  parseTime,
  validated,
  type RawQuery,
} from '../server/query-parameters.js';

const STATES: readonly FailureState[] = [...OPEN_STATES, 'resolved', 'discarded'];
// 19 digits: earlier versions stored the 64-bit timestamps of records without clamping them.
const FAILURE_CURSOR = /^(?<sentAt>\d{1,19})-(?<id>[0-9a-f]{24})$/;
// Earlier versions issued cursors without a number. `parseFailureCursor` still accepts them.
const MESSAGE_CURSOR =
  /^(?<sentAt>\d{1,19})-(?<number>\d{1,16})-(?<id>[0-9a-f]{24})(?:-(?<idsAbove>[0-9a-f]{24}))?$/;

const clientName = parameter('a client name', (text) => (isClientName(text) ? text : undefined));
const anyName = parameter('1 to 256 characters', (text) => (hasAtMost(text, 256) ? text : undefined));
const time = parameter('a date, or a time with its offset, in ISO 8601', parseTime);
const CURSOR = 'a cursor from a Link header';
const messageCursor = parameter(CURSOR, (text) => parseMessageCursor(text) ?? parseFailureCursor(text));
const failureCursor = parameter(CURSOR, parseFailureCursor);
const common = { since: time, until: time, limit };

const messageSchema = joi.object<MessageQuery>({
  ...{ from: clientName, to: clientName, after: messageCursor },
  ...common,
});
const failureSchema = joi.object<Omit<FailureQuery, 'states'> & { readonly state: FailureQuery['states'] }>({
  // Names are not validated: a message may have failed because of its names.
  ...{ from: anyName, to: anyName, after: failureCursor, ...common },
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

/** Encodes a cursor for the `Link` header. Clients treat it as opaque. */
export function cursorText({ sentAt, number, id, idsAbove }: ListCursor): string {
  return [sentAt, number, id, idsAbove].filter((part) => part !== undefined).join('-');
}

/** Splits a parameter that may be a comma-separated list, repeated, or both. */
function splitList(value: unknown): string[] {
  const items = String(value)
    .split(',')
    .map((item) => item.trim());
  return [...new Set(items.filter((item) => item !== ''))];
}

function parseMessageCursor(text: string): ListCursor | undefined {
  const { sentAt, number, id, idsAbove } = MESSAGE_CURSOR.exec(text)?.groups ?? {};
  if (id === undefined) return undefined;
  return { sentAt: Number(sentAt), number: Number(number), id, ...(idsAbove !== undefined && { idsAbove }) };
}

function parseFailureCursor(text: string): ListCursor | undefined {
  const { sentAt, id } = FAILURE_CURSOR.exec(text)?.groups ?? {};
  return id === undefined ? undefined : { sentAt: Number(sentAt), id };
}
