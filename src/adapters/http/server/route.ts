import type { Request, RequestHandler, Response } from 'express';
import { answerProblem, type Problem } from './problem.js';

/** One method of one path. A route for GET also serves HEAD. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** In the syntax of Express. */
  readonly path: string;
  readonly serve: RequestHandler;
  /** `handle` writes the common headers together with its own, which costs less. */
  readonly writesCommonHeaders?: boolean;
  /** Answers a request that failed. */
  readonly fail: (response: Response, problem: Problem) => void;
}

interface RouteDefinition<Path extends string, T> extends Pick<Route, 'method' | 'writesCommonHeaders'> {
  readonly path: Path;
  /** Reads from the request what `handle` needs. Throws if the request is malformed. */
  readonly parse: (request: Request<PathParameters<Path>>, response: Response) => T | Promise<T>;
  /** Calls the use case and answers. It sees only what was parsed, so an access check can decide on the same values. */
  readonly handle: (input: T, response: Response) => void | Promise<void>;
  /** By default, a failure is answered with a problem document. */
  readonly fail?: Route['fail'];
}

/** The parameters that a path names: `/messages/:id` has `id`. */
type PathParameters<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Readonly<Record<Name, string>> & PathParameters<Rest>
  : Path extends `${string}:${infer Name}`
    ? Readonly<Record<Name, string>>
    : unknown;

export function route<const Path extends string, T>({
  method,
  path,
  parse,
  handle,
  fail = answerProblem,
  writesCommonHeaders = false,
}: RouteDefinition<Path, T>): Route {
  return {
    method,
    path,
    fail,
    writesCommonHeaders,
    serve: async (request, response) => {
      // Express has matched the path, so the request has the parameters that the path names.
      const input = await parse(request as unknown as Request<PathParameters<Path>>, response);
      await handle(input, response);
    },
  };
}

/** For a route that needs nothing from its request. */
export const parseNothing = (): undefined => undefined;
