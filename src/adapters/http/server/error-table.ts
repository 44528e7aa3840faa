import {
  DependencyUnavailable,
  QueryTooSlow,
  RecordTooLarge,
  SendFailed,
} from '../../../application/errors.js';
import { IdempotencyKeyReused } from '../../../application/sending/send-idempotency.js';
import { UnknownReplay } from '../../../application/failures/bulk-replays.js';
import { UnknownFailure } from '../../../application/failures/failure-actions.js';
import { ActionRefused } from '../../../domain/failures/action-refused.js';
import { CursorAhead } from '../../../domain/inbox/inbox.js';
import { InvalidMessage } from '../../../domain/message-rules.js';
import { HttpProblem, RETRY_LATER, type Problem } from './problem.js';

// The details are in the log only.
const DEFECT: Problem = {
  status: 500,
  code: 'internal-error',
  detail: 'Something went wrong here. It has been logged with the request id.',
};

/** Maps every error to its HTTP problem. An unknown error is a defect and becomes a 500. */
export function problemOf(error: unknown): Problem {
  if (error instanceof HttpProblem) return error.problem;
  if (error instanceof InvalidMessage) return invalidMessage(error);
  if (error instanceof IdempotencyKeyReused) return { status: 422, code: error.code, detail: error.message };
  if (error instanceof CursorAhead) return { status: 409, code: error.code, detail: error.message };
  if (error instanceof ActionRefused) {
    const { code, message, state } = error;
    return { status: 409, code, detail: message, members: { state } };
  }
  if (error instanceof UnknownFailure || error instanceof UnknownReplay) {
    return { status: 404, code: error.code, detail: error.message };
  }
  if (error instanceof RecordTooLarge) {
    return { status: 413, code: 'message-too-large', detail: 'The message is larger than the log takes.' };
  }
  if (error instanceof SendFailed) return sendFailed(error);
  if (error instanceof DependencyUnavailable) {
    const detail = `The ${error.dependency} can't be reached at the moment.`;
    return { status: 503, code: `${error.dependency}-unavailable`, detail, headers: RETRY_LATER };
  }
  if (error instanceof QueryTooSlow) {
    const detail = 'The store gave up the query. Narrow it with filters, or use a smaller limit.';
    return { status: 503, code: 'query-too-slow', detail, headers: RETRY_LATER };
  }
  // Thrown by Express's router for a path that it cannot decode.
  if (error instanceof URIError) {
    return { status: 400, code: 'malformed-url', detail: 'The path is not properly encoded.' };
  }
  return DEFECT;
}

function invalidMessage({ code, message, violations }: InvalidMessage): Problem {
  const errors = violations.map(({ field, detail }) => ({ pointer: `#/${field}`, detail }));
  return { status: 400, code, detail: message, errors };
}

function sendFailed({ outcome }: SendFailed): Problem {
  const detail =
    outcome === 'not-sent'
      ? 'The log did not take the message in time. It will not arrive.'
      : 'The log did not confirm the message in time. It may still arrive.';
  return { status: 503, code: 'log-unavailable', detail, members: { outcome }, headers: RETRY_LATER };
}
