import type { Clock } from '../../../application/ports/clock.js';
import type { DependencyStatus } from '../../../application/ports/dependency-health.js';
import type { Logger } from '../../../application/ports/telemetry.js';

/**
 * What can fail independently: reaching a primary, reading and writing. The last two need privileges, which can be
 * lost.
 */
export type Part = 'server' | 'reads' | 'writes';

/** The store is up while no part is failing. Logs every change. */
export class MongoHealth {
  private readonly failing = new Set<Part>(['server']);
  private since: number;
  private lastError: string | undefined;
  private wasReached = false;

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly logger: Logger,
  ) {
    this.since = clock.now();
  }

  status(): DependencyStatus {
    const state = this.failing.size === 0 ? 'up' : 'down';
    return { state, since: this.since, ...(this.lastError !== undefined && { lastError: this.lastError }) };
  }

  isFailing(part: Part): boolean {
    return this.failing.has(part);
  }

  succeeded(part: Part): void {
    if (part === 'server') this.wasReached = true;
    if (!this.failing.delete(part) || this.failing.size > 0) return;
    this.since = this.clock.now();
    this.logger.info('store.available');
  }

  /** `kind` is an error's code or class, never its text. */
  failed(part: Part, kind: string): void {
    const wasUp = this.failing.size === 0;
    this.lastError = kind;
    this.failing.add(part);
    if (!wasUp) return;
    this.since = this.clock.now();
    this.logger.warn('store.unavailable', { part, kind });
  }

  /** The driver begins without a primary, so before the first contact this is no error. */
  lostPrimary(): void {
    if (this.wasReached) this.failed('server', 'NoPrimary');
  }
}
