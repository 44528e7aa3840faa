import { randomBytes } from 'node:crypto';
import type { Container } from 'inversify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { LoggedTelemetry } from '../../../adapters/logging/logged-telemetry.js';
import { WinstonLogger } from '../../../adapters/logging/winston-logger.js';
import { PrometheusTelemetry } from '../../../adapters/metrics/prometheus-telemetry.js';
import { SystemClock } from '../../../adapters/system/system-clock.js';
import { TimeOrderedIds } from '../../../adapters/system/time-ordered-ids.js';
import { JsonRecordCodec } from '../../../adapters/codec/json-record-codec.js';
import { sha256 } from '../../../adapters/codec/sha256.js';
import { DeliveryPolicy } from '../../../domain/delivery/delivery-policy.js';
import { Identities } from '../../../domain/identity.js';
import { FatalErrors } from '../../running/fatal-errors.js';
import type { Settings } from '../../settings/settings.js';
import { TOKENS } from '../tokens.js';

/** Binds what every back end and role needs. */
export function bindCore(container: Container, settings: Settings): void {
  const t = TOKENS;
  container.bind(t.settings).toConstantValue(settings);
  container.bind(t.clock).toResolvedValue(() => new SystemClock());
  container
    .bind(t.logger)
    .toResolvedValue(({ logLevel }) => new WinstonLogger(logLevel, process.stderr), [t.settings]);
  container.bind(t.fatalErrors).toResolvedValue(() => new FatalErrors());
  container.bind(t.stopping).toResolvedValue(() => new AbortController());
  container.bind(t.registry).toResolvedValue(newRegistry);
  container
    .bind(t.metrics)
    .toResolvedValue((registry, clock) => new PrometheusTelemetry(registry, clock), [t.registry, t.clock]);
  container
    .bind(t.telemetry)
    .toResolvedValue(
      (metrics, logger, clock) => new LoggedTelemetry(metrics, logger, clock),
      [t.metrics, t.logger, t.clock],
    );
  container.bind(t.identities).toResolvedValue(() => new Identities(sha256));
  container.bind(t.ids).toResolvedValue(() => new TimeOrderedIds(randomBytes));
  container
    .bind(t.codec)
    .toResolvedValue(
      (identities, { sending }) => new JsonRecordCodec(identities, sending.messageMaxLength),
      [t.identities, t.settings],
    );
  container
    .bind(t.policy)
    .toResolvedValue(
      ({ receiving, timesToLive }) =>
        new DeliveryPolicy(
          receiving.retry,
          timesToLive.length > 0 ? Math.min(...timesToLive.map(({ ms }) => ms)) : undefined,
        ),
      [t.settings],
    );
}

function newRegistry(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}
