import { getSystemErrorName } from 'node:util';
import type { Clock } from '../../../application/ports/clock.js';
import type { DependencyHealth, DependencyStatus } from '../../../application/ports/dependency-health.js';
import { DependencyUnavailable, type DependencyName } from '../../../application/errors.js';
import type { EmbeddedGroups } from './embedded-groups.js';
import type { EmbeddedStore } from '../store/embedded-store.js';

/**
 * Reports `down` from a failed write (such as a full disk) until the next successful one, and `degraded` while a loss
 * of records is not acknowledged.
 */
export class EmbeddedHealth implements DependencyHealth {
  private current: DependencyStatus;

  constructor(
    readonly dependency: DependencyName,
    store: EmbeddedStore,
    clock: Pick<Clock, 'now'>,
    private readonly groups?: Pick<EmbeddedGroups, 'hasOpenLoss'>,
  ) {
    this.current = { state: 'up', since: clock.now() };
    store.onWrite((error) => {
      const state = error instanceof DependencyUnavailable ? 'down' : 'up';
      const since = state === this.current.state ? this.current.since : clock.now();
      const lastError = error?.cause instanceof Error ? kindOf(error.cause) : this.current.lastError;
      this.current = { state, since, ...(lastError !== undefined && { lastError }) };
    });
  }

  status(): DependencyStatus {
    const isDegraded = this.current.state === 'up' && this.groups?.hasOpenLoss === true;
    return isDegraded ? { ...this.current, state: 'degraded' } : this.current;
  }
}

/** Returns a short name of the error for logs and health. */
export function kindOf({ code, name }: Error & { readonly code?: string | number }): string {
  if (code === undefined) return name;
  // lmdb's codes are the system's errno values if positive, and its own if negative.
  return typeof code === 'number' && code > 0 ? getSystemErrorName(-code) : String(code);
}
