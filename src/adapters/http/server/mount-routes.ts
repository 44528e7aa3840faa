import type { ErrorRequestHandler, Express, RequestHandler } from 'express';
import { STRANGER } from '../../../domain/access/principal.js';
import { principalOf, type Identify } from './identify.js';
import { HttpProblem } from './problem.js';
import { setCommonHeaders } from './request-context.js';
import type { Route } from './route.js';

const VERBS = { GET: 'get', POST: 'post', DELETE: 'delete' } as const;

/**
 * Mounts the routes in their order. The other methods of their paths are answered with 405, OPTIONS with the allowed
 * methods, and other paths with 404. All but OPTIONS and the routes for everyone are first answered with 401 if the
 * caller has no valid credential, so that strangers learn nothing, not even which paths exist.
 */
export function mountRoutes(app: Express, routes: readonly Route[], identify: Identify): void {
  const identified = requireCredential(identify);
  for (const route of routes) app[VERBS[route.method]](route.path, served(route, identify));
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = allowedMethods(path, routes);
    app.options(path, allowedOptions(methods));
    app.all(path, identified, otherMethod(methods));
  }
  app.use(identified, notFound, undecodablePath(identify));
}

/**
 * Serves a route to the callers that its action allows. It identifies the caller before it reads anything else, so that
 * strangers cannot make it read bodies. One handler for everything: Express needs time for each.
 */
function served(route: Route, identify: Identify): RequestHandler {
  return (request, response) => {
    // For the error handler and the access log.
    request.matchedRoute = route;
    if (!route.writesCommonHeaders) setCommonHeaders(response);
    if (!route.needsCredential) return route.serve(request, response, STRANGER);
    const caller = identify(request);
    return caller instanceof Promise
      ? caller.then((found) => route.serve(request, response, principalOf(found)))
      : route.serve(request, response, principalOf(caller));
  };
}

function requireCredential(identify: Identify): RequestHandler {
  return async (request, _response, next) => {
    if (request.method !== 'OPTIONS') principalOf(await identify(request));
    next();
  };
}

function allowedMethods(path: string, routes: readonly Route[]): string[] {
  const methods: string[] = routes.filter((route) => route.path === path).map(({ method }) => method);
  return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}

function allowedOptions(methods: readonly string[]): RequestHandler {
  return (_request, response) => {
    setCommonHeaders(response);
    response.writeHead(204, { allow: methods.join(', ') }).end();
  };
}

function otherMethod(methods: readonly string[]): RequestHandler {
  const allow = methods.join(', ');
  return (request) => {
    const detail = `${request.method} is not possible here, only ${allow}.`;
    throw new HttpProblem({ status: 405, code: 'method-not-allowed', detail, headers: { allow } });
  };
}

const notFound: RequestHandler = () => {
  throw new HttpProblem({ status: 404, code: 'not-found', detail: 'There is nothing at this path.' });
};

/**
 * Express's router throws a `URIError` for a path that it cannot decode, before any of our handlers has identified the
 * caller.
 */
function undecodablePath(identify: Identify): ErrorRequestHandler {
  return async (error, request, _response, next) => {
    if (error instanceof URIError && request.matchedRoute === undefined) principalOf(await identify(request));
    next(error);
  };
}
