import type { Express, RequestHandler } from 'express';
import { HttpProblem } from './problem.js';
import { setCommonHeaders } from './request-context.js';
import type { Route } from './route.js';

const VERBS = { GET: 'get', POST: 'post', DELETE: 'delete' } as const;

/**
 * Mounts the routes in their order, each after `identify`. The other methods of their paths are answered with 405, and
 * OPTIONS with the allowed methods.
 */
export function mountRoutes(app: Express, routes: readonly Route[], identify: RequestHandler): void {
  for (const route of routes) app[VERBS[route.method]](route.path, matched(route), identify, route.serve);
  for (const path of new Set(routes.map((route) => route.path))) {
    app.all(path, identify, otherMethods(allowedMethods(path, routes)));
  }
}

/** Notes the route in the request, for the error handler. */
function matched(route: Route): RequestHandler {
  return (request, response, next) => {
    request.matchedRoute = route;
    if (!route.writesCommonHeaders) setCommonHeaders(response);
    next();
  };
}

function allowedMethods(path: string, routes: readonly Route[]): string[] {
  const methods: string[] = routes.filter((route) => route.path === path).map(({ method }) => method);
  return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}

function otherMethods(methods: readonly string[]): RequestHandler {
  const allow = methods.join(', ');
  return (request, response, next) => {
    if (request.method === 'OPTIONS') {
      setCommonHeaders(response);
      response.writeHead(204, { allow }).end();
      return;
    }
    const detail = `${request.method} is not possible here, only ${allow}.`;
    next(new HttpProblem({ status: 405, code: 'method-not-allowed', detail, headers: { allow } }));
  };
}
