import type { AlertOutbox } from '../../../src/application/ports/alerts.js';
import { NO_ALERTS, type AlertState } from '../../../src/domain/alerts/alert.js';

export class InMemoryAlerts implements AlertOutbox {
  private state = NO_ALERTS;

  change(change: (state: AlertState) => AlertState | undefined): Promise<AlertState | undefined> {
    const changed = change(this.state);
    if (changed) this.state = changed;
    return Promise.resolve(changed);
  }
}
