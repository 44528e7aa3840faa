import type { Container } from 'inversify';
import { WebhookAlerts } from '../../../adapters/webhook/webhook-alerts.js';
import { AlertDelivery } from '../../../application/alerts/alert-delivery.js';
import { AlertWatcher } from '../../../application/alerts/alert-watcher.js';
import { TOKENS } from '../tokens.js';

/** Binds the alerts about failures. There are none if no webhook is configured. */
export function bindAlerts(container: Container): void {
  const t = TOKENS;
  container.bind(t.alertComponents).toResolvedValue(
    ({ alerts }, outbox, groups, replays, ledger, clock, logger) => {
      if (alerts === undefined) return [];
      const channel = new WebhookAlerts(alerts.webhook, clock);
      const delivery = new AlertDelivery(outbox, channel, clock, logger);
      const watcher = new AlertWatcher(
        ...([outbox, delivery, groups, replays, ledger, alerts.ageMs, clock, logger] as const),
      );
      return [{ name: 'alerts', start: () => watcher.start(), stop: () => watcher.stop() }];
    },
    [t.settings, t.alertOutbox, t.groups, t.failedReplays, t.ledger, t.clock, t.logger],
  );
}
