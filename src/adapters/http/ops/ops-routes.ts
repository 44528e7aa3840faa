import { ACTIONS } from '../../../domain/access/actions.js';
import { parseNothing, route, type Route } from '../server/route.js';
import type { Readiness } from './readiness.js';

export interface MetricsText {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** The health endpoints and the metrics. `readiness` must not wait for a dependency. */
export function opsRoutes(readiness: () => Readiness, registry: MetricsText): Route[] {
  return [
    route({
      method: 'GET',
      path: '/health/live',
      action: ACTIONS.readHealth,
      parse: parseNothing,
      handle: (_, response) => {
        response.set('cache-control', 'no-store').json({ status: 'live' });
      },
    }),
    route({
      method: 'GET',
      path: '/health/ready',
      action: ACTIONS.readHealth,
      parse: parseNothing,
      handle: (_, response) => {
        const { ready, ...rest } = readiness();
        response
          .status(ready ? 200 : 503)
          .set('cache-control', 'no-store')
          .json({ status: ready ? 'ready' : 'not-ready', ...rest });
      },
    }),
    route({
      method: 'GET',
      path: '/metrics',
      action: ACTIONS.readMetrics,
      parse: parseNothing,
      handle: async (_, response) => {
        const text = await registry.metrics();
        response.set('content-type', registry.contentType).send(text);
      },
    }),
  ];
}
