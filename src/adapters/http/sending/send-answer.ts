import type { Response } from 'express';
import type { Message } from '../../../domain/message.js';
import type { SendResult } from '../../../domain/sending/send-result.js';
import { prefersJson } from '../server/responses/negotiation.js';
import { HttpProblem } from '../server/problem.js';
import { isoTime } from '../server/responses/times.js';

export const TEXT_TYPE = 'text/plain; charset=utf-8';

/** The answer to a send that the log has accepted. */
interface Success {
  readonly status: number;
  readonly text: string;
  /** The status in the JSON answer. */
  readonly state: 'accepted' | 'stored';
}

const CREATED: Success = { status: 201, text: 'message created.', state: 'accepted' };
const STORED: Success = { ...CREATED, state: 'stored' };
const ACCEPTED: Success = { status: 202, text: 'message accepted.', state: 'accepted' };

export function answerCreated(response: Response, message: Message): void {
  answer(response, message, CREATED);
}

/** Answers a client that waited for the outcome. Throws `HttpProblem` if the message did not reach its inbox. */
export function answerResult(response: Response, message: Message, result: SendResult): void {
  switch (result.kind) {
    case 'stored':
      answer(response, message, STORED);
      break;
    case 'undecided':
      answer(response, message, ACCEPTED);
      break;
    case 'failed':
      throw deadLettered(message.id, result.failure.code, result.failure.reason);
    case 'reused':
      throw deadLettered(
        result.id,
        'idempotency-key-reused',
        'Its idempotency key was used for another message.',
      );
  }
}

function answer(response: Response, message: Message, { status, text, state }: Success): void {
  const json = prefersJson(response.req.headers.accept);
  const body = json ? jsonOf(message, state) : text;
  // This is the hot path. One flat array with the common headers in it saves 3 of 27 µs that a send costs in Express and
  // this adapter: headers that were set before make Node merge them one by one.
  response.writeHead(status, [
    'content-type',
    json ? 'application/json; charset=utf-8' : TEXT_TYPE,
    'content-length',
    String(Buffer.byteLength(body)),
    'location',
    `/messages/${message.id}`,
    'x-request-id',
    response.req.id,
    'x-content-type-options',
    'nosniff',
  ]);
  response.end(body);
}

function jsonOf({ id, from, to, message, sentAt }: Message, status: Success['state']): string {
  return JSON.stringify({ id, from, to, message, sentAt: isoTime(sentAt), status });
}

function deadLettered(id: string, cause: string, reason: string): HttpProblem {
  return new HttpProblem({
    status: 422,
    code: 'dead-lettered',
    detail: `The message was accepted, and could not be stored: ${reason}`,
    members: { id, cause },
    headers: { location: `/messages/${id}` },
  });
}
