import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { ProblemCode } from './problem-codes.js';

/** One violation, located by a JSON pointer into the body or by a query parameter. */
export type ProblemDetail =
  | { readonly pointer: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string };

/** The content of an error answer (RFC 9457). `code` is stable; `members` are added next to the standard ones. */
export interface Problem {
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly ProblemDetail[] | undefined;
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export const RETRY_LATER = { 'retry-after': '5' };

/** An error that already knows its HTTP answer. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';

  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

export function malformedBody(detail: string): HttpProblem {
  return new HttpProblem({ status: 400, code: 'malformed-body', detail });
}

/** The problem document of an error answer. */
export function problemBody({ status, code, detail, errors, members }: Problem): object {
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, code, detail, ...members, errors };
}

export function answerProblem(response: ServerResponse, problem: Problem): void {
  const body = JSON.stringify(problemBody(problem));
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    ...problem.headers,
  });
  response.end(body);
}
