import { DependencyUnavailable } from './errors.js';
import type { LogFields, Logger } from './ports/telemetry.js';

/**
 * Logs that background work failed. The adapter that detects an outage logs it once, so a failure while it lasts is
 * logged only at debug level.
 */
export function logFailure(logger: Logger, event: string, error: unknown, fields: LogFields = {}): void {
  if (!(error instanceof DependencyUnavailable)) logger.warn(event, { ...fields, error });
  else if (logger.isDebugEnabled()) logger.debug(event, { ...fields, error });
}
