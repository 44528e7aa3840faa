import type { SendMessage, SendRequest } from '../../../application/sending/send-message.js';
import { ACTIONS } from '../../../domain/access/actions.js';
import { SENDER_MISMATCH } from '../../../domain/access/decision.js';
import { maySendAs, withSender, type Sender } from '../../../domain/access/grants.js';
import type { Message } from '../../../domain/message.js';
import { bytesOfBatch, MAX_MESSAGES } from '../server/bodies/body-limits.js';
import type { RequestBodies } from '../server/bodies/request-bodies.js';
import { accessDenied } from '../server/access-denied.js';
import type { LoggedProblems } from '../server/logged-problems.js';
import { HttpProblem, problemBody, type Problem } from '../server/problem.js';
import { route, type Route } from '../server/route.js';
import { checkIdempotencyKey, parseTraceparent } from './send-headers.js';

interface BatchSending {
  readonly sendMessage: Pick<SendMessage, 'sendAll' | 'rejection'>;
  readonly messageMaxLength: number;
  readonly bodies: RequestBodies;
}

type Item = SendRequest | HttpProblem;

/** Many messages in one request, each with its own result. */
export function sendMessagesRoute(
  { sendMessage, messageMaxLength, bodies }: BatchSending,
  problemFor: LoggedProblems,
): Route {
  const limit = bytesOfBatch(messageMaxLength);
  return route({
    method: 'POST',
    path: '/send-messages',
    action: ACTIONS.sendMessages,
    parse: async (request, response) => {
      const traceparent = parseTraceparent(request.headers['traceparent']);
      const trace = traceparent === undefined ? {} : { traceparent };
      const { rejection } = sendMessage;
      const body = await bodies.readObject({ request, response, limit, use: 'batch', rejection });
      return itemsOf(body['messages']).map((item) => parseItem(item, trace));
    },
    handle: async (parsed, response, sender) => {
      const items = parsed.map((item) => itemOf(item, sender));
      const wellFormed = items.filter((item): item is SendRequest => !(item instanceof HttpProblem));
      const sent = (await sendMessage.sendAll(wellFormed))[Symbol.iterator]();
      const results = items.map((item, at) => {
        if (item instanceof HttpProblem) return failureOf(item.problem, at);
        // `sendAll` returns one result per well-formed item, in order.
        const result = sent.next().value as PromiseSettledResult<Message>;
        if (result.status === 'fulfilled') return { status: 201, id: result.value.id };
        return failureOf(problemFor(result.reason, response.req), at);
      });
      response.status(207).json({ results });
    },
  });
}

function itemsOf(messages: unknown): readonly unknown[] {
  if (Array.isArray(messages) && messages.length >= 1 && messages.length <= MAX_MESSAGES) return messages;
  const detail = `must be an array of 1 to ${String(MAX_MESSAGES)} messages`;
  throw new HttpProblem({
    status: 400,
    code: 'malformed-body',
    detail: `The member messages ${detail}.`,
    errors: [{ pointer: '#/messages', detail }],
  });
}

/** A malformed item is a problem of its own, and the other items are sent. */
function parseItem(item: unknown, trace: Pick<SendRequest, 'traceparent'>): Item {
  try {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      throw new HttpProblem({
        status: 400,
        code: 'malformed-message',
        detail: 'The message is not a JSON object.',
      });
    }
    // The check above ensures that it is an object.
    const content = item as Readonly<Record<string, unknown>>;
    const idempotencyKey = checkIdempotencyKey(content['idempotencyKey']);
    return { content, ...trace, ...(idempotencyKey !== undefined && { idempotencyKey }) };
  } catch (error) {
    if (error instanceof HttpProblem) return error;
    throw error;
  }
}

/** A message for another sender is a problem of its own too. */
function itemOf(item: Item, sender: Sender): Item {
  if (item instanceof HttpProblem) return item;
  return maySendAs(sender, item.content.from) ? withSender(item, sender) : accessDenied(SENDER_MISMATCH);
}

/** The result of an item that failed. Its pointers are rewritten to point into the whole body. */
function failureOf(problem: Problem, at: number): object {
  const errors = problem.errors?.map((error) =>
    'pointer' in error
      ? { ...error, pointer: error.pointer.replace('#', `#/messages/${String(at)}`) }
      : error,
  );
  return problemBody({ ...problem, errors });
}
