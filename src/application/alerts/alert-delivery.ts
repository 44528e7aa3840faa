import { delivered, notDelivered, type AlertState, type PendingAlert } from '../../domain/alerts/alert.js';
import { type AlertChannel, type AlertOutbox, AlertNotDelivered } from '../ports/alerts.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/telemetry.js';

const ALERTS_PER_ROUND = 20;

/** Delivers stored alerts and removes those that the receiver has accepted. */
export class AlertDelivery {
  private isStopped = false;
  private earliest = Infinity;

  constructor(
    private readonly outbox: AlertOutbox,
    private readonly channel: AlertChannel,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** When the next alert is due, as of the last delivery. */
  get nextDue(): number {
    return this.earliest;
  }

  /**
   * Delivers the alerts that are due, several concurrently. Never rejects because of an error of the
   * receiver.
   */
  async deliver({ pending }: AlertState, lease: number): Promise<void> {
    const now = this.clock.now();
    const due = pending.filter((alert) => alert.due <= now).sort((a, b) => a.due - b.due);
    const batch = due.slice(0, ALERTS_PER_ROUND);
    this.earliest = earliestOf(pending);
    if (batch.length === 0) return;
    const accepted = new Set<string>();
    const failed = new Set<string>();
    await Promise.all(
      batch.map(async (alert) => {
        const isAccepted = await this.deliverOne(alert);
        (isAccepted ? accepted : failed).add(alert.id);
      }),
    );
    const written = await this.outbox.change((state) =>
      state.lease === lease
        ? notDelivered(delivered(state, accepted), failed, this.clock.now())
        : delivered(state, accepted),
    );
    this.earliest = earliestOf(written?.pending ?? []);
  }

  stop(): void {
    this.isStopped = true;
    this.channel.close();
  }

  private async deliverOne(alert: PendingAlert): Promise<boolean> {
    const { id, type, attempts } = alert;
    if (this.isStopped) return false;
    try {
      await this.channel.deliver(alert);
      this.logger.info('alert.delivered', { alert: id, type });
      return true;
    } catch (error) {
      const status = error instanceof AlertNotDelivered ? error.status : undefined;
      const fields = { alert: id, type, attempts: attempts + 1, error, ...(status && { status }) };
      this.logger.warn('alert.not-delivered', fields);
      return false;
    }
  }
}

function earliestOf(pending: readonly PendingAlert[]): number {
  return pending.reduce((earliest, { due }) => Math.min(earliest, due), Infinity);
}
