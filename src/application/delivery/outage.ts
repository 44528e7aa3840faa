import { outageDelay } from '../../domain/outage-delay.js';
import type { Clock } from '../ports/clock.js';
import type { Ledger } from '../ports/ledger.js';
import type { Telemetry } from '../ports/telemetry.js';

/**
 * An outage of the store. One prober probes with capped backoff and resumes all waiting partitions after a
 * successful probe. The backoff starts again only after a successful settlement, so that a store which accepts
 * probes but fails settlements is not overloaded.
 */
export class Outage {
  private readonly waiting = new Set<() => void>();
  private probes = 0;
  private inFlight = false;

  constructor(
    private readonly ledger: Pick<Ledger, 'probe'>,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly telemetry: Telemetry,
  ) {}

  /** Calls back when the outage is over. The returned function cancels that. */
  afterwards(cause: unknown, callback: () => void): () => void {
    this.waiting.add(callback);
    if (!this.inFlight) {
      this.inFlight = true;
      this.telemetry.outage('store', 'began', cause);
      this.probeLater();
    }
    return () => this.waiting.delete(callback);
  }

  /** Resets the backoff. Called after each successful settlement. */
  workSucceeded(): void {
    this.probes = 0;
  }

  private probeLater(): void {
    this.probes += 1;
    this.clock.after(outageDelay(this.probes, this.random()), () => void this.probe());
  }

  private async probe(): Promise<void> {
    // If no partition waits any more (revoked, or shutting down), the next failure begins a new outage.
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

/** Reports whether the ledger accepts a probe write now. */
export async function succeeds(ledger: Pick<Ledger, 'probe'>): Promise<boolean> {
  try {
    await ledger.probe();
    return true;
  } catch {
    return false;
  }
}
