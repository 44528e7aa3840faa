import joi from 'joi';
import { isClientName } from '../../../domain/message-rules.js';
import { HttpProblem } from '../server/problem.js';
import { limit, parameter, validated, type RawQuery } from '../server/query-parameters.js';
import type { JsonObject } from '../server/bodies/request-bodies.js';

export interface InboxQuery {
  /** The message number that the cursor encodes. */
  readonly after?: number;
  readonly limit: number;
  /** In seconds. */
  readonly wait: number;
}

/** The message number after which a stream starts; without one, it starts at the first unread message. */
type StreamStart = Pick<InboxQuery, 'after'>;

const DEFAULT_LIMIT = 100;
export const WAIT_MAX_S = 30;
const CURSOR = /^\d{1,15}$/;

const after = parameter('a cursor of this inbox', parseCursor);
const wait = parameter('a whole number of seconds', (text) =>
  /^\d+$/.test(text) ? Math.min(Number(text), WAIT_MAX_S) : undefined,
).default(0);

const pageSchema = joi.object<InboxQuery>({ after, limit: limit.default(DEFAULT_LIMIT), wait });
const streamSchema = joi.object<StreamStart>({ after });

export function parseInboxQuery(raw: RawQuery): InboxQuery {
  return validated(pageSchema, raw);
}

/** `Last-Event-ID`, which a reconnecting client sends, overrides the parameter `after`. */
export function parseStreamStart(raw: RawQuery, lastEventId: string | string[] | undefined): StreamStart {
  const start = validated(streamSchema, raw);
  if (lastEventId === undefined || lastEventId === '') return start;
  const number = parseCursor(String(lastEventId));
  if (number !== undefined) return { after: number };
  const detail = 'Last-Event-ID must be the id of an event of this inbox.';
  throw new HttpProblem({ status: 400, code: 'malformed-cursor', detail });
}

/** Parses the cursor of the last message read. Accepts a number as well as a string. */
export function parseThrough({ through }: JsonObject): number {
  const given = typeof through === 'number' && through >= 0 ? String(through) : through;
  const number = typeof given === 'string' ? parseCursor(given) : undefined;
  if (number !== undefined) return number;
  const detail = 'must be a cursor of this inbox';
  throw new HttpProblem({
    status: 400,
    code: 'malformed-body',
    detail: `The member through ${detail}.`,
    errors: [{ pointer: '#/through', detail }],
  });
}

export function parseClient(name: string): string {
  if (isClientName(name)) return name;
  const detail = 'must be a client name: 1 to 128 of A-Z a-z 0-9 . _ : @ -';
  throw new HttpProblem({
    status: 400,
    code: 'invalid-parameter',
    detail: `client ${detail}.`,
    errors: [{ parameter: 'client', detail }],
  });
}

export function cursorOf(number: number): string {
  return String(number);
}

function parseCursor(text: string): number | undefined {
  return CURSOR.test(text) ? Number(text) : undefined;
}
