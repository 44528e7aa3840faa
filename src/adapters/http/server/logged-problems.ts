import type { Request } from 'express';
import type { Logger } from '../../../application/ports/telemetry.js';
import { problemOf } from './error-table.js';
import type { Problem } from './problem.js';

/** Maps the error of a request to its problem, and logs it. */
export type LoggedProblems = (error: unknown, request: Request) => Problem;

/** Logs defects as errors. Outages are logged once elsewhere, so other failures are logged at debug level only. */
export function loggedProblems(logger: Logger): LoggedProblems {
  return (error, request) => {
    const problem = problemOf(error);
    const { status, code } = problem;
    const fields = { requestId: request.id, method: request.method, status, code };
    if (status === 500) logger.error('http.failed', { ...fields, error });
    else if (logger.isDebugEnabled()) logger.debug('http.refused', fields);
    return problem;
  };
}
