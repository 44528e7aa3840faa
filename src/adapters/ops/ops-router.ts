import { Router } from 'express';
import type { Readiness } from './readiness.js';

export interface MetricsText {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** Serves the health endpoints and the metrics. `readiness` must not wait for a dependency. */
export function opsRouter(readiness: () => Readiness, registry: MetricsText): Router {
  const router = Router();
  router.get('/health/live', (_request, response) => {
    response.set('cache-control', 'no-store').json({ status: 'live' });
  });
  router.get('/health/ready', (_request, response) => {
    const { ready, ...rest } = readiness();
    response
      .status(ready ? 200 : 503)
      .set('cache-control', 'no-store')
      .json({ status: ready ? 'ready' : 'not-ready', ...rest });
  });
  router.get('/metrics', async (_request, response) => {
    const text = await registry.metrics();
    response.set('content-type', registry.contentType).send(text);
  });
  return router;
}
