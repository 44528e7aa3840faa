import { getSystemErrorName } from 'node:util';
import type { Clock } from '../../../application/ports/clock.js';
import type { DependencyHealth, DependencyStatus } from '../../../application/ports/dependency-health.js';
import { DependencyUnavailable, type DependencyName } from '../../../application/errors.js';
import type { EmbeddedGroups } from './embedded-groups.js';
import type { EmbeddedStore } from '../store/embedded-store.js';

/**
 * Down from a write that the database could not make (disk full, say) until one that it could; degraded while records
 * are lost that nobody has acknowledged.
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

function kindOf({ code, name }: Error & { readonly code?: string | number }): string {
  if (code === undefined) return name;
  // lmdb gives the system's own numbers, and below them numbers of its own.
  return typeof code === 'number' && code > 0 ? getSystemErrorName(-code) : String(code);
}
