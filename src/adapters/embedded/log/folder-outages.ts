import type { DependencyUnavailable } from '../../../application/errors.js';
import type { Clock } from '../../../application/ports/clock.js';
import type { Logger } from '../../../application/ports/telemetry.js';
import { wasNotBegun } from '../store/commit-errors.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { kindOf } from './embedded-health.js';

/** On a disk that is almost full, small writes succeed between large ones that fail. */
const QUIET_MS = 5_000;

/**
 * Logs once that writes to the folder fail, and once that they succeed again and none has failed for 5 s. The log and
 * the store share the folder, so there is one line for both.
 */
export function logFolderOutages(
  store: Pick<EmbeddedStore, 'onWrite'>,
  folder: string,
  clock: Pick<Clock, 'elapsed'>,
  logger: Logger,
): void {
  let failedAt: number | undefined;
  const failed = (error: DependencyUnavailable): void => {
    // The store is closed, or another process has taken the folder, which ends the program.
    if (wasNotBegun(error)) return;
    const kind = error.cause instanceof Error ? kindOf(error.cause) : undefined;
    if (failedAt === undefined)
      logger.warn('log.unavailable', { text: `waiting for the folder ${folder}`, kind });
    failedAt = clock.elapsed();
  };
  store.onWrite((error) => {
    if (error !== undefined) failed(error);
    else if (failedAt !== undefined && clock.elapsed() - failedAt >= QUIET_MS) {
      failedAt = undefined;
      logger.info('log.available', { text: `the folder ${folder} is back` });
    }
  });
}
