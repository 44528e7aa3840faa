import type { Response } from 'express';
import type { AwaitResult } from '../../../application/sending/await-result.js';
import type { Logger } from '../../../application/ports/telemetry.js';
import type { SendMessage } from '../../../application/sending/send-message.js';
import { ACTIONS } from '../../../domain/access/actions.js';
import { withSender } from '../../../domain/access/grants.js';
import type { Message } from '../../../domain/message.js';
import { WAIT_MAX_S } from '../inbox/inbox-request.js';
import { bytesOfMessage } from '../server/bodies/body-limits.js';
import type { RequestBodies } from '../server/bodies/request-bodies.js';
import { answerProblem, type Problem } from '../server/problem.js';
import { abortOnClose } from '../server/responses/abort-on-close.js';
import { prefersJson } from '../server/responses/negotiation.js';
import { route, type Route } from '../server/route.js';
import { answerCreated, answerResult, TEXT_TYPE } from './send-answer.js';
import { parseIdempotencyKey, parseTraceparent } from './send-headers.js';

const FAILED = 'Failed to create message.';

export interface Sending {
  readonly sendMessage: Pick<SendMessage, 'send' | 'sendAll' | 'rejection'>;
  readonly results: Pick<AwaitResult, 'of'>;
  readonly messageMaxLength: number;
  readonly bodies: RequestBodies;
  /** How long a send without `Prefer: wait` waits for its outcome; 0 means not at all. */
  readonly sendWaitMs: number;
}

/** One message, answered in plain text unless the client prefers JSON. */
export function sendMessageRoute(sending: Sending, logger: Logger): Route {
  const { sendMessage, bodies, messageMaxLength } = sending;
  const limit = bytesOfMessage(messageMaxLength);
  return route({
    method: 'POST',
    path: '/send-message',
    action: ACTIONS.sendMessage,
    writesCommonHeaders: true,
    parse: async (request, response) => {
      const { headers } = request;
      const idempotencyKey = parseIdempotencyKey(headers['idempotency-key']);
      const traceparent = parseTraceparent(headers['traceparent']);
      // A send with a key may repeat one that was accepted before. That one is answered even if the queue is full.
      const rejection = idempotencyKey === undefined ? sendMessage.rejection : undefined;
      const content = await bodies.readObject({ request, response, limit, use: 'send', rejection });
      return {
        content,
        ...(idempotencyKey !== undefined && { idempotencyKey }),
        ...(traceparent !== undefined && { traceparent }),
      };
    },
    handle: async (send, response, sender) => {
      const message = await sendMessage.send(withSender(send, sender));
      const { id: requestId, headers } = response.req;
      if (logger.isDebugEnabled()) logger.debug('message.accepted', { requestId, messageId: message.id });
      if (sending.sendWaitMs === 0 && headers.prefer === undefined) answerCreated(response, message);
      else await answerWhenDecided(sending, response, message);
    },
    fail: answerFailure,
  });
}

async function answerWhenDecided(
  { results, sendWaitMs }: Sending,
  response: Response,
  message: Message,
): Promise<void> {
  const wait = preferredWait(response.req.headers.prefer);
  if (wait === undefined && sendWaitMs === 0) {
    answerCreated(response, message);
    return;
  }
  if (wait !== undefined) response.setHeader('preference-applied', `wait=${String(wait)}`);
  const waitMs = wait === undefined ? sendWaitMs : wait * 1_000;
  answerResult(response, message, await results.of(message, waitMs, abortOnClose(response)));
}

function answerFailure(response: Response, problem: Problem): void {
  if (prefersJson(response.req.headers.accept)) {
    answerProblem(response, problem);
    return;
  }
  const type = { 'content-type': TEXT_TYPE, 'content-length': FAILED.length };
  response.writeHead(problem.status, { ...type, ...problem.headers }).end(FAILED);
}

const WAIT = /(?:^|,)\s*wait\s*=\s*"?(\d+)"?\s*(?:[;,]|$)/i;

/**
 * How long the client prefers to wait for the outcome, in seconds (RFC 7240, 4.3). A malformed preference is ignored.
 */
export function preferredWait(header: string | string[] | undefined): number | undefined {
  const seconds = header === undefined ? undefined : WAIT.exec(String(header))?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds), WAIT_MAX_S);
}
