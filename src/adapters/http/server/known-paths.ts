import type { RequestHandler, Router } from 'express';
import { HttpProblem } from './problem.js';

export interface KnownPath {
  readonly path: string;
  /** In upper case. A path that serves GET also serves HEAD. */
  readonly methods: readonly string[];
}

/** Lists the paths that a router and its nested routers serve. */
export function knownPaths({ stack }: Pick<Router, 'stack'>): KnownPath[] {
  const methods = new Map<string, Set<string>>();
  for (const { route, handle } of stack) {
    const found = route ? [{ path: route.path, methods: methodsOf(route.stack) }] : nestedPaths(handle);
    for (const each of found) {
      methods.set(each.path, new Set([...(methods.get(each.path) ?? []), ...each.methods]));
    }
  }
  return [...methods].map(([path, set]) => ({ path, methods: [...set] }));
}

/** Answers the methods that a known path does not serve with 405, and OPTIONS with the allowed ones. */
export function otherMethods({ methods }: KnownPath): RequestHandler {
  const allow = methods.join(', ');
  return (request, response, next) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { allow }).end();
      return;
    }
    const detail = `${request.method} is not possible here, only ${allow}.`;
    next(new HttpProblem({ status: 405, code: 'method-not-allowed', detail, headers: { allow } }));
  };
}

/** A layer for all methods has no `method`, although Express's types say that it has. */
function methodsOf(layers: readonly { readonly method?: string }[]): string[] {
  const methods = layers.flatMap(({ method }) => method?.toUpperCase() ?? []);
  return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}

function nestedPaths(handle: unknown): KnownPath[] {
  return hasStack(handle) ? knownPaths(handle) : [];
}

/** Recognises a router: a function with a `stack` of layers. */
function hasStack(handle: unknown): handle is Pick<Router, 'stack'> {
  return typeof handle === 'function' && 'stack' in handle && Array.isArray(handle.stack);
}
