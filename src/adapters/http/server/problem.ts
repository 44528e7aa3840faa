import { STATUS_CODES, type ServerResponse } from 'node:http';

/** One thing that is wrong with a request: where, as a JSON pointer into its body or as a query parameter. */
export type ProblemDetail =
  | { readonly pointer: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string };

/** What an error answer says (RFC 9457). `code` is stable; `members` stand next to the standard ones. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly ProblemDetail[];
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export const RETRY_LATER = { 'retry-after': '5' };

/** A request that is wrong in the terms of HTTP, and goes no further. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';

  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

export function malformedBody(detail: string): HttpProblem {
  return new HttpProblem({ status: 400, code: 'malformed-body', detail });
}

/** The members of a problem document, in the order in which people read them. */
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
