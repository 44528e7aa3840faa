import type { DeliveryPolicy } from '../../domain/delivery/delivery-policy.js';
import type { Clock } from '../ports/clock.js';
import type { Ledger } from '../ports/delivery/ledger.js';
import type { Telemetry } from '../ports/telemetry.js';

/**
 * The store is down for everybody: one prober asks with capped backoff, and everyone who waits goes on when a probe
 * write has succeeded. The backoff begins anew only after a real write, so that a store which passes the probe and
 * fails the work is not hammered.
 */
export class Outage {
  private readonly waiting = new Set<() => void>();
  private probes = 0;
  private inFlight = false;

  constructor(
    private readonly ledger: Pick<Ledger, 'probe'>,
    private readonly policy: DeliveryPolicy,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly telemetry: Telemetry,
  ) {}

  /** Calls back once the outage is over; the returned function withdraws the wish. */
  afterwards(cause: unknown, callback: () => void): () => void {
    this.waiting.add(callback);
    if (!this.inFlight) {
      this.inFlight = true;
      this.telemetry.outage('store', 'began', cause);
      this.probeLater();
    }
    return () => this.waiting.delete(callback);
  }

  /** A real write has succeeded. */
  workSucceeded(): void {
    this.probes = 0;
  }

  private probeLater(): void {
    this.probes += 1;
    this.clock.after(this.policy.outageDelay(this.probes, this.random()), () => void this.probe());
  }

  private async probe(): Promise<void> {
    // Nobody waits any more (revoked, or shutting down): the next one to fail begins a new outage.
    if (this.waiting.size > 0 && !(await succeeds(this.ledger))) {
      this.probeLater();
      return;
    }
    this.inFlight = false;
    this.telemetry.outage('store', 'ended');
    const callbacks = [...this.waiting];
    this.waiting.clear();
    for (const callback of callbacks) callback();
  }
}

/** Whether a write that is nobody's message can be made now. */
export async function succeeds(ledger: Pick<Ledger, 'probe'>): Promise<boolean> {
  try {
    await ledger.probe();
    return true;
  } catch {
    return false;
  }
}
