import { ContainerModule } from 'inversify';
import { WebhookAlerts } from '../../../adapters/webhook/webhook-alerts.js';
import { AlertDelivery } from '../../../application/alerts/alert-delivery.js';
import { AlertWatcher } from '../../../application/alerts/alert-watcher.js';
import { component } from '../../running/lifecycle.js';
import { TOKENS as t } from '../tokens.js';

/** Alerts about failures. There are none if no webhook is configured. */
export const alerts = new ContainerModule(({ bind }) => {
  bind(t.alertComponents).toResolvedValue(
    ({ alerts }, outbox, groups, replays, ledger, clock, logger) => {
      if (alerts === undefined) return [];
      const channel = new WebhookAlerts(alerts.webhook, clock);
      const delivery = new AlertDelivery(outbox, channel, clock, logger);
      const sources = [outbox, delivery, groups, replays, ledger] as const;
      return [component('alerts', new AlertWatcher(...sources, alerts.ageMs, clock, logger))];
    },
    [t.settings, t.alertOutbox, t.groups, t.failedReplays, t.ledger, t.clock, t.logger],
  );
});
