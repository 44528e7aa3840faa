import type { RequestHandler, Router } from 'express';
import { HttpProblem } from './problem.js';

export interface KnownPath {
  readonly path: string;
  /** In upper case; what serves GET serves HEAD. */
  readonly methods: readonly string[];
}

/** The paths that a router and the routers in it serve. */
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

/** For what a path that exists does not do; OPTIONS asks for just that. */
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

/** A layer for all methods, which the types don't know of, has none. */
function methodsOf(layers: readonly { readonly method?: string }[]): string[] {
  const methods = layers.flatMap(({ method }) => method?.toUpperCase() ?? []);
  return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}

function nestedPaths(handle: unknown): KnownPath[] {
  return hasStack(handle) ? knownPaths(handle) : [];
}

/** A router is a function with the list of what it goes through. */
function hasStack(handle: unknown): handle is Pick<Router, 'stack'> {
  return typeof handle === 'function' && 'stack' in handle && Array.isArray(handle.stack);
}
