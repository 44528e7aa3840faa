import type { FailureSweep, MessageSweep } from '../ports/sweeps.js';
import type { Logger } from '../ports/telemetry.js';
import type { Clock } from '../ports/clock.js';
import { every, type Repetition } from '../timing.js';
import { logFailure } from '../log-failure.js';

const HOUR_MS = 3_600_000;
const MIN_INTERVAL_MS = 1_000;

/**
 * Periodically sweeps messages or failures older than their time to live. Every receiver does so; a second
 * process finds nothing left. They are kept a little longer than their records can be delivered, so that a
 * process whose clock differs by that much does not deliver them again.
 */
export class Retention {
  private readonly everyMs: number;
  private readonly marginMs: number;
  private sweeps: Repetition | undefined;

  constructor(
    private readonly what: 'messages' | 'failures',
    private readonly timeToLiveMs: number,
    private readonly sweeper: MessageSweep | FailureSweep,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.everyMs = Math.max(MIN_INTERVAL_MS, Math.min(HOUR_MS, timeToLiveMs / 10));
    this.marginMs = Math.min(HOUR_MS, timeToLiveMs / 100);
  }

  start(): void {
    this.sweeps = every(this.clock, this.everyMs, (signal) => this.sweep(signal));
  }

  /** Resolves when no sweep is in flight. May be called twice. */
  async stop(): Promise<void> {
    await this.sweeps?.stop();
  }

  private async sweep(signal: AbortSignal): Promise<void> {
    let swept = 0;
    try {
      for (let count = 1; count > 0 && !signal.aborted; swept += count) {
        // eslint-disable-next-line no-restricted-syntax -- compared with stored times
        count = await this.sweeper.sweep(this.clock.now() - this.timeToLiveMs - this.marginMs);
      }
      if (swept > 0) this.logger.info('retention.swept', { what: this.what, count: swept });
    } catch (error) {
      logFailure(this.logger, 'retention.sweep-failed', error, { what: this.what });
    }
  }
}
