import { Container } from 'inversify';
import { bindAlerts } from './bindings/alerts.js';
import { bindApi } from './bindings/api.js';
import { bindCore } from './bindings/core.js';
import { bindEmbedded } from './bindings/embedded.js';
import { bindFailures } from './bindings/failures.js';
import { bindFull } from './bindings/full.js';
import { bindInboxes } from './bindings/inboxes.js';
import { bindMessaging } from './bindings/messaging.js';
import { bindRetention } from './bindings/retention.js';
import { bindServing } from './bindings/serving.js';
import type { Program } from '../running/run.js';
import type { Settings } from '../settings/settings.js';
import { TOKENS, type Services } from './tokens.js';

/** Builds the container, for main and for tests. Building it opens and starts nothing. */
export function buildContainer(settings: Settings, overrides: Partial<Services> = {}): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  bindCore(container, settings);
  if (settings.backend.kind === 'full') bindFull(container, settings.backend);
  else bindEmbedded(container, settings.backend);
  bindMessaging(container);
  bindInboxes(container);
  bindFailures(container);
  bindAlerts(container);
  bindRetention(container);
  bindApi(container);
  bindServing(container);
  // Safe: overrides are object literals of this program, so they have no keys besides those of their type.
  for (const name of Object.keys(overrides) as (keyof Services)[]) override(container, name, overrides[name]);
  return container;
}

export function buildProgram(settings: Settings): Program {
  const container = buildContainer(settings);
  const server = container.get(TOKENS.httpServer);
  return {
    lifecycle: container.get(TOKENS.lifecycle),
    logger: container.get(TOKENS.logger),
    clock: container.get(TOKENS.clock),
    fatalErrors: container.get(TOKENS.fatalErrors),
    port: () => server.port,
  };
}

function override<N extends keyof Services>(
  container: Container,
  name: N,
  value: Services[N] | undefined,
): void {
  if (value !== undefined) container.rebind(TOKENS[name]).toConstantValue(value);
}
