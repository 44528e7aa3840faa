import type { Request, Response } from 'express';
import type { Action } from '../../../domain/access/actions.js';
import type { Caller } from '../../../domain/access/principal.js';
import { accessDenied } from './access-denied.js';
import { answerProblem, type Problem } from './problem.js';

declare const HAS_ACTION: unique symbol;

/** One method of one path. A route for GET also serves HEAD. Only `route` makes one, so no route lacks its action. */
export interface Route {
  readonly [HAS_ACTION]: true;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** In the syntax of Express. */
  readonly path: string;
  readonly needsCredential: boolean;
  /** Rejects with the problem if the caller may not do what the request asks for. */
  readonly serve: (request: Request, response: Response, caller: Caller) => Promise<void>;
  /** `handle` writes the common headers together with its own, which costs less. */
  readonly writesCommonHeaders?: boolean;
  /** Answers a request that failed. */
  readonly fail: (response: Response, problem: Problem) => void;
}

interface RouteDefinition<Path extends string, T, Grant> extends Pick<
  Route,
  'method' | 'writesCommonHeaders'
> {
  readonly path: Path;
  /** Decides on the parsed values before `handle` gets them. */
  readonly action: Action<T, Grant>;
  /** Reads from the request what `handle` needs. Throws if the request is malformed. */
  readonly parse: (request: Request<PathParameters<Path>>, response: Response) => T | Promise<T>;
  /** Calls the use case and answers. It sees only what was parsed, and must keep to the grant. */
  readonly handle: (input: T, response: Response, grant: Grant) => void | Promise<void>;
  /** By default, a failure is answered with a problem document. */
  readonly fail?: Route['fail'];
}

/** The parameters that a path names: `/messages/:id` has `id`. */
type PathParameters<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Readonly<Record<Name, string>> & PathParameters<Rest>
  : Path extends `${string}:${infer Name}`
    ? Readonly<Record<Name, string>>
    : unknown;

export function route<const Path extends string, T, Grant>({
  method,
  path,
  action,
  parse,
  handle,
  fail = answerProblem,
  writesCommonHeaders = false,
}: RouteDefinition<Path, T, Grant>): Route {
  const made: Omit<Route, typeof HAS_ACTION> = {
    method,
    path,
    needsCredential: action.needsCredential,
    fail,
    writesCommonHeaders,
    serve: async (request, response, caller) => {
      // Express has matched the path, so the request has the parameters that the path names.
      const input = await parse(request as unknown as Request<PathParameters<Path>>, response);
      const decision = action.decide(caller, input);
      if (!decision.allowed) throw accessDenied(decision);
      await handle(input, response, decision.grant);
    },
  };
  // The symbol exists only for the compiler.
  return made as Route;
}

/** For a route that needs nothing from its request. */
export const parseNothing = (): undefined => undefined;
