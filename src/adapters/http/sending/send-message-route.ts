import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { AwaitResult } from '../../../application/sending/await-result.js';
import type { SendMessage } from '../../../application/sending/send-message.js';
import type { Message } from '../../../domain/message.js';
import { bytesOfMessage } from '../server/bodies/body-limits.js';
import { abortOnClose } from '../server/responses/abort-on-close.js';
import { prefersJson } from '../server/responses/negotiation.js';
import { answerProblem, type Problem } from '../server/problem.js';
import type { RequestBodies } from '../server/bodies/request-bodies.js';
import { answerCreated, answerResult, TEXT_TYPE } from './send-answer.js';
import { parseIdempotencyKey, parseTraceparent } from './send-headers.js';
import { WAIT_MAX_S } from '../inbox/inbox-request.js';

const FAILED = 'Failed to create message.';

export interface Sending {
  readonly sendMessage: Pick<SendMessage, 'send' | 'sendAll' | 'rejection'>;
  readonly results: Pick<AwaitResult, 'of'>;
  readonly messageMaxLength: number;
  readonly bodies: RequestBodies;
  /** How long a send without `Prefer: wait` waits for its outcome; 0 means not at all. */
  readonly sendWaitMs: number;
}

/** Handles one send. It reads its body itself instead of using middleware, because this route is the hot path. */
export function sendMessageRoute(
  sending: Sending,
  onAccepted: (request: Request, message: Message) => void,
): RequestHandler {
  const limit = bytesOfMessage(sending.messageMaxLength);
  return async (request, response) => {
    const { headers } = request;
    const idempotencyKey = parseIdempotencyKey(headers['idempotency-key']);
    const traceparent = parseTraceparent(headers['traceparent']);
    // A send with a key may repeat one that was accepted before. That one is answered even if the queue is full.
    const rejection = idempotencyKey === undefined ? sending.sendMessage.rejection : undefined;
    const content = await sending.bodies.readObject({ request, response, limit, use: 'send', rejection });
    const message = await sending.sendMessage.send({
      content,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      ...(traceparent !== undefined && { traceparent }),
    });
    onAccepted(request, message);
    if (sending.sendWaitMs === 0 && headers.prefer === undefined) answerCreated(request, response, message);
    else await answerWhenDecided(sending, request, response, message);
  };
}

async function answerWhenDecided(
  { results, sendWaitMs }: Sending,
  request: Request,
  response: Response,
  message: Message,
): Promise<void> {
  const wait = preferredWait(request.headers.prefer);
  if (wait === undefined && sendWaitMs === 0) {
    answerCreated(request, response, message);
    return;
  }
  if (wait !== undefined) response.setHeader('preference-applied', `wait=${String(wait)}`);
  const waitMs = wait === undefined ? sendWaitMs : wait * 1_000;
  const result = await results.of(message, waitMs, abortOnClose(response));
  answerResult(request, response, message, result);
}

/** Answers failures of this route as plain text, unless the client prefers JSON. */
export function sendMessageFailure(
  problemFor: (error: unknown, request: Request) => Problem,
): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const problem = problemFor(error, request);
    response.setHeader('x-request-id', request.id);
    response.setHeader('x-content-type-options', 'nosniff');
    if (prefersJson(request.headers.accept)) {
      answerProblem(response, problem);
      return;
    }
    for (const [name, value] of Object.entries(problem.headers ?? {})) response.setHeader(name, value);
    response.writeHead(problem.status, { 'content-type': TEXT_TYPE, 'content-length': FAILED.length });
    response.end(FAILED);
  };
}

const WAIT = /(?:^|,)\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:[;,]|$)/i;

/**
 * How long the client prefers to wait for the outcome, in seconds (RFC 7240, 4.3). A malformed preference is ignored.
 */
export function preferredWait(header: string | string[] | undefined): number | undefined {
  const seconds = header === undefined ? undefined : WAIT.exec(String(header))?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds), WAIT_MAX_S);
}
