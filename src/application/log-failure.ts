import { DependencyUnavailable } from './errors.js';
import type { LogFields, Logger } from './ports/telemetry.js';

/**
 * Logs that background work failed. An outage is logged once where it is noticed, so what fails during it is logged at
 * debug level only.
 */
export function logFailure(logger: Logger, event: string, error: unknown, fields: LogFields = {}): void {
  if (!(error instanceof DependencyUnavailable)) logger.warn(event, { ...fields, error });
  else if (logger.isDebugEnabled()) logger.debug(event, { ...fields, error });
}
