import type { ServerResponse } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import type { SendMessage } from '../../application/send-message.js';
import type { Message } from '../../domain/message.js';
import { prefersJson } from './negotiation.js';
import { answerProblem, type Problem } from './problem.js';
import { bytesOfMessage, readJsonObject } from './request-body.js';
import { parseIdempotencyKey, parseTraceparent } from './send-headers.js';

const CREATED = 'message created.';
const FAILED = 'Failed to create message.';
const TEXT_TYPE = 'text/plain; charset=utf-8';

/** Reads its body itself: it is what most requests want, and everything that stands before it is what it costs. */
export function sendMessageRoute(
  sendMessage: SendMessage,
  messageMaxLength: number,
  onAccepted: (request: Request, message: Message) => void,
): RequestHandler {
  const limit = bytesOfMessage(messageMaxLength);
  return async (request, response) => {
    const { headers } = request;
    const idempotencyKey = parseIdempotencyKey(headers['idempotency-key']);
    const traceparent = parseTraceparent(headers['traceparent']);
    const content = await readJsonObject(request, limit);
    const message = await sendMessage.send({
      content,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      ...(traceparent !== undefined && { traceparent }),
    });
    onAccepted(request, message);
    answerCreated(request, response, message);
  };
}

/** Failures of this route are plain text to those who don't ask for more. */
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

function answerCreated(request: Request, response: ServerResponse, message: Message): void {
  const json = prefersJson(request.headers.accept);
  const body = json ? jsonOf(message) : CREATED;
  // A flat list of names and values is what Node writes fastest.
  response.writeHead(201, [
    'content-type',
    json ? 'application/json; charset=utf-8' : TEXT_TYPE,
    'content-length',
    String(Buffer.byteLength(body)),
    'location',
    `/messages/${message.id}`,
    'x-request-id',
    request.id,
    'x-content-type-options',
    'nosniff',
  ]);
  response.end(body);
}

function jsonOf({ id, from, to, message, sentAt }: Message): string {
  return JSON.stringify({
    id,
    from,
    to,
    message,
    sentAt: new Date(sentAt).toISOString(),
    status: 'accepted',
  });
}
