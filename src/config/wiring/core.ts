import { randomBytes } from 'node:crypto';
import { ContainerModule } from 'inversify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { JsonRecordCodec } from '../../adapters/codec/json-record-codec.js';
import { sha256 } from '../../adapters/codec/sha256.js';
import { WinstonLogger } from '../../adapters/logging/winston-logger.js';
import { PrometheusTelemetry } from '../../adapters/metrics/prometheus-telemetry.js';
import { SystemClock } from '../../adapters/system/system-clock.js';
import { TimeOrderedIds } from '../../adapters/system/time-ordered-ids.js';
import { Identities } from '../../domain/identity.js';
import { FatalErrors } from '../running/fatal-errors.js';
import { component, Lifecycle } from '../running/lifecycle.js';
import { lineFormat } from '../running/log-format.js';
import { addressCheck, deadLetters, serving, stopBudget } from '../running/shutdown.js';
import type { Settings } from '../settings/settings.js';
import { construct } from './construct.js';
import { TOKENS as t } from './tokens.js';

/** What every back end and role needs, and the order in which components start. */
export const core = (settings: Settings): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(t.settings).toConstantValue(settings);
    bind(t.clock).toResolvedValue(() => new SystemClock());
    bind(t.logger).toResolvedValue(() => {
      const { stdout, stderr } = process;
      return new WinstonLogger(settings.logLevel, stderr, lineFormat(settings.logFormat, stdout, stderr));
    });
    bind(t.fatalErrors).toResolvedValue(() => new FatalErrors());
    bind(t.stopping).toResolvedValue(() => new AbortController());
    bind(t.registry).toResolvedValue(newRegistry);
    bind(t.telemetry).toResolvedValue(construct(PrometheusTelemetry), [t.registry, t.logger, t.clock]);
    bind(t.identities).toResolvedValue(() => new Identities(sha256));
    bind(t.ids).toResolvedValue(() => new TimeOrderedIds(randomBytes));
    bind(t.codec).toResolvedValue(
      (identities) => new JsonRecordCodec(identities, settings.sending.messageMaxLength),
      [t.identities],
    );
    bind(t.lifecycle).toResolvedValue(
      (backend, counts, letters, receiving, server, messages, replaying, alerts, clock, logger, stopping) => {
        const { roles, shutdownTimeoutMs } = settings;
        const budget = stopBudget(shutdownTimeoutMs);
        const components = [
          addressCheck(server),
          ...backend,
          component('failure-counts', counts),
          deadLetters(letters, budget),
          ...(roles.receiver ? receiving : []),
          serving(server, messages, clock, budget),
          ...(roles.api ? [...replaying, ...alerts] : []),
        ];
        return new Lifecycle(components, clock, logger, shutdownTimeoutMs, stopping);
      },
      [
        t.backendComponents,
        t.failureCounts,
        t.deadLetterQueue,
        t.receivingComponents,
        t.httpServer,
        t.messageQueue,
        t.replayingComponents,
        t.alertComponents,
        t.clock,
        t.logger,
        t.stopping,
      ],
    );
  });

function newRegistry(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}
