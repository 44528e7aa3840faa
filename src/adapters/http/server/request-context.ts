import { randomBytes } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Route } from './route.js';

declare global {
  // Express's types are extended here; under pnpm the module behind them cannot be imported by name.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Request {
      /**
       * The client's `X-Request-Id` if it is valid, otherwise a generated id. Appears in log lines and in the answer.
       */
      id: string;
      /** Absent if no route has the path and the method. */
      matchedRoute?: Route;
    }
  }
}

const USABLE_ID = /^[\w.:@/+=-]{1,128}$/;

/** Gives every request its id. */
export function requestContext(): RequestHandler {
  const idFor = requestIds();
  return (request, _response, next) => {
    request.id = idFor(request.headers['x-request-id']);
    next();
  };
}

/** Sets the headers that every response has. */
export function setCommonHeaders(response: Response): void {
  response.setHeader('x-request-id', response.req.id);
  response.setHeader('x-content-type-options', 'nosniff');
}

/**
 * Returns a function that reads or generates request ids. A random prefix and a counter cost less than a random id
 * each.
 */
function requestIds(): (given: string | string[] | undefined) => string {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return (given) =>
    typeof given === 'string' && USABLE_ID.test(given) ? given : `${prefix}-${(++count).toString(36)}`;
}
