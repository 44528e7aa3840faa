import { Counter, type Registry } from 'prom-client';
import type { Clock } from '../../application/ports/clock.js';

const DEPENDENCIES = ['log', 'store'];

/**
 * Counts the seconds of outages. Includes outages that have not ended, which a counter updated at the end would hide.
 */
export class OutageTime {
  private readonly countedUntil = new Map<string, number>();
  private readonly seconds: Counter<'dependency'>;

  constructor(
    registry: Registry,
    private readonly clock: Pick<Clock, 'elapsed'>,
  ) {
    this.seconds = new Counter({
      name: 'postrider_outage_seconds_total',
      help: 'Time for which delivery waited for a dependency',
      labelNames: ['dependency'],
      registers: [registry],
      collect: () => {
        this.countUp();
      },
    });
    for (const dependency of DEPENDENCIES) this.seconds.inc({ dependency }, 0);
  }

  change(dependency: string, state: 'began' | 'ended'): void {
    this.countUp();
    if (state === 'ended') this.countedUntil.delete(dependency);
    else if (!this.countedUntil.has(dependency)) this.countedUntil.set(dependency, this.clock.elapsed());
  }

  private countUp(): void {
    const now = this.clock.elapsed();
    for (const [dependency, since] of this.countedUntil) {
      this.seconds.inc({ dependency }, (now - since) / 1000);
      this.countedUntil.set(dependency, now);
    }
  }
}
