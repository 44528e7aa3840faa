import type { AlertOutbox } from '../../../application/ports/alerts.js';
import { NO_ALERTS, type AlertState } from '../../../domain/alerts/alert.js';
import type { EmbeddedStore } from '../store/embedded-store.js';

export class EmbeddedAlertOutbox implements AlertOutbox {
  constructor(private readonly store: EmbeddedStore) {}

  change(change: (state: AlertState) => AlertState | undefined): Promise<AlertState | undefined> {
    const { alerts } = this.store.tables;
    return this.store.write('store', () => {
      const changed = change(alerts.get('state') ?? NO_ALERTS);
      if (changed) void alerts.put('state', changed);
      return changed;
    });
  }
}
