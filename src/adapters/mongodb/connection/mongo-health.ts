import type { Clock } from '../../../application/ports/clock.js';
import type { DependencyStatus } from '../../../application/ports/dependency-health.js';
import type { Logger } from '../../../application/ports/telemetry.js';

/**
 * What can fail independently: reaching a primary, reading and writing. The last two need privileges, which can be
 * lost.
 */
export type Part = 'server' | 'reads' | 'writes';

/** The store is up while no part is failing. Logs every change, and that the first contact fails. */
export class MongoHealth {
  private readonly failing = new Set<Part>(['server']);
  private since: number;
  private lastError: string | undefined;
  private wasReached = false;
  private isReported = false;

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly logger: Logger,
    /** What the log lines call MongoDB. */
    private readonly name = 'MongoDB',
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
    const text = this.isReported ? `${this.name} is back` : `connected to ${this.name}`;
    this.logger.info('store.available', { text });
    this.isReported = false;
  }

  /** `kind` and `cause` are an error's code or class, never its text. */
  failed(part: Part, kind: string, cause?: string): void {
    const wasUp = this.failing.size === 0;
    this.lastError = kind;
    this.failing.add(part);
    if (wasUp) this.since = this.clock.now();
    if (this.isReported) return;
    this.isReported = true;
    this.logger.warn('store.unavailable', { text: `waiting for ${this.name}`, part, kind, cause });
  }

  /** The driver begins without a primary, so before the first contact this is no error. */
  lostPrimary(): void {
    if (this.wasReached) this.failed('server', 'NoPrimary');
  }
}
