import type { CancelTimer, Clock } from '../ports/clock.js';
import type { FailureSweep } from '../ports/retention/failure-sweep.js';
import type { Logger } from '../ports/logger.js';
import type { MessageSweep } from '../ports/retention/message-sweep.js';

const HOUR_MS = 3_600_000;
const LEAST_MS = 1_000;

/**
 * Sweeps, now and then, what has been there for longer than its time. Every receiver does: who comes second finds
 * nothing to do. It is kept a little longer than its record can be delivered, so that a clock that differs by that much
 * brings nothing back.
 */
export class Retention {
  private readonly everyMs: number;
  private readonly marginMs: number;
  private cancel: CancelTimer | undefined;
  private isStopped = false;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly what: 'messages' | 'failures',
    private readonly timeToLiveMs: number,
    private readonly sweeper: MessageSweep | FailureSweep,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.everyMs = Math.max(LEAST_MS, Math.min(HOUR_MS, timeToLiveMs / 10));
    this.marginMs = Math.min(HOUR_MS, timeToLiveMs / 100);
  }

  start(): void {
    this.sweeping = this.sweep();
  }

  /** Resolves when no sweep is under way any more. May be called twice. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancel?.();
    await this.sweeping;
  }

  private async sweep(): Promise<void> {
    let swept = 0;
    try {
      for (let some = 1; some > 0 && !this.isStopped; swept += some) {
        // eslint-disable-next-line no-restricted-syntax -- compared with stored times
        some = await this.sweeper.sweep(this.clock.now() - this.timeToLiveMs - this.marginMs);
      }
      if (swept > 0) this.logger.info('retention.swept', { what: this.what, count: swept });
    } catch (error) {
      this.logger.warn('retention.sweep-failed', { what: this.what, error });
    }
    if (this.isStopped) return;
    this.cancel = this.clock.after(this.everyMs, () => {
      this.start();
    });
  }
}
