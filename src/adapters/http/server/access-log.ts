import type { RequestHandler } from 'express';
import type { Clock } from '../../../application/ports/clock.js';
import type { Logger } from '../../../application/ports/telemetry.js';

/**
 * Logs each request when its response ends. It logs the pattern of the route and not the URL, which may contain client
 * names. Mount it only if debug lines are enabled, so that it costs nothing otherwise.
 */
export function accessLog(logger: Logger, clock: Pick<Clock, 'elapsed'>): RequestHandler {
  return (request, response, next) => {
    const began = clock.elapsed();
    response.once('close', () => {
      const { id: requestId, method, matchedRoute } = request;
      logger.debug('http.answered', {
        requestId,
        method,
        route: matchedRoute?.path,
        status: response.headersSent ? response.statusCode : undefined,
        ms: Math.round((clock.elapsed() - began) * 10) / 10,
        // The client left, or the response broke off.
        aborted: response.writableFinished ? undefined : true,
      });
    });
    next();
  };
}
