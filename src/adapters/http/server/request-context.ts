import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';

/** Who makes a request. Without a name it is nobody in particular, who may do everything. */
export interface Caller {
  readonly name?: string;
}

declare global {
  // Express's own place for what middleware adds; the module behind it cannot be named under pnpm.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Request {
      caller: Caller;
      /** For the log and the answer: the client's `X-Request-Id` where it is usable, otherwise made here. */
      id: string;
    }
  }
}

const ANONYMOUS: Caller = {};
const USABLE_ID = /^[\w.:@/+=-]{1,128}$/;

/**
 * Stands before every route and tells it who calls. Authentication, once there is one, takes the place of it, and
 * ends what it does not let through with an error.
 */
export const identifyCaller: RequestHandler = (request, _response, next) => {
  request.caller = ANONYMOUS;
  next();
};

/** Reads or makes the request's id. A counter behind a random prefix costs less than a random number each time. */
export function requestIds(): (given: string | string[] | undefined) => string {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return (given) =>
    typeof given === 'string' && USABLE_ID.test(given) ? given : `${prefix}-${(++count).toString(36)}`;
}
