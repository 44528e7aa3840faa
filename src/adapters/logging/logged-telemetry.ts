import type { Clock } from '../../application/ports/clock.js';
import type { Logger, Telemetry } from '../../application/ports/telemetry.js';

/** Logs dead letters and outages, and passes every event on to the inner telemetry. */
export class LoggedTelemetry implements Telemetry {
  private readonly outagesSince = new Map<string, number>();

  constructor(
    private readonly inner: Telemetry,
    private readonly logger: Logger,
    private readonly clock: Pick<Clock, 'elapsed'>,
  ) {}

  accepted(count: number): void {
    this.inner.accepted(count);
  }

  invalid(recorded: boolean): void {
    this.inner.invalid(recorded);
  }

  settled(outcome: Parameters<Telemetry['settled']>[0]): void {
    this.inner.settled(outcome);
  }

  delivered(elapsedMs: number): void {
    this.inner.delivered(elapsedMs);
  }

  retried(): void {
    this.inner.retried();
  }

  replayed(): void {
    this.inner.replayed();
  }

  deadLettered(code: string, messageId: string): void {
    this.logger.warn('delivery.dead-lettered', { code, messageId });
    this.inner.deadLettered(code, messageId);
  }

  outage(dependency: string, state: 'began' | 'ended', cause?: unknown): void {
    if (state === 'began') this.began(dependency, cause);
    else this.ended(dependency);
    this.inner.outage(dependency, state, cause);
  }

  private began(dependency: string, error: unknown): void {
    this.outagesSince.set(dependency, this.clock.elapsed());
    this.logger.warn('delivery.outage-began', { dependency, error });
  }

  private ended(dependency: string): void {
    const since = this.outagesSince.get(dependency);
    const seconds = since === undefined ? undefined : (this.clock.elapsed() - since) / 1000;
    this.outagesSince.delete(dependency);
    this.logger.info('delivery.outage-ended', { dependency, seconds });
  }
}
