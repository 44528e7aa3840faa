import { Container } from 'inversify';
import type { Program } from '../running/run.js';
import type { Settings } from '../settings/settings.js';
import { alerts } from './bindings/alerts.js';
import { delivery } from './bindings/delivery.js';
import { embedded } from './bindings/embedded.js';
import { failures } from './bindings/failures.js';
import { full } from './bindings/full.js';
import { http } from './bindings/http.js';
import { inbox } from './bindings/inbox.js';
import { ops } from './bindings/ops.js';
import { retention } from './bindings/retention.js';
import { sending } from './bindings/sending.js';
import { core } from './core.js';
import { TOKENS, type Overrides } from './tokens.js';

/** Builds the container, for main and for tests. Building it opens and starts nothing. */
export function buildContainer(settings: Settings, overrides: Overrides = {}): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  const { backend } = settings;
  container.load(core(settings), ...(backend.kind === 'full' ? full(backend) : embedded(backend)));
  container.load(sending, delivery, inbox, failures, alerts, retention, http, ops);
  // Safe: overrides are object literals of this program, so they have no keys besides those of their type.
  for (const name of Object.keys(overrides) as (keyof Overrides)[])
    override(container, name, overrides[name]);
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

function override<N extends keyof Overrides>(container: Container, name: N, service: Overrides[N]): void {
  if (service !== undefined) container.rebind<Overrides[N]>(TOKENS[name]).toConstantValue(service);
}
