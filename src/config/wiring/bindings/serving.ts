import type { Container } from 'inversify';
import { buildHttpApp } from '../../../adapters/http/http-app.js';
import { HttpServer } from '../../../adapters/http/server/http-server.js';
import { opsRouter } from '../../../adapters/ops/ops-router.js';
import { assessReadiness } from '../../../adapters/ops/readiness.js';
import { FailureCounts } from '../../../adapters/metrics/failure-counts.js';
import { registerFailureGauges, registerGauges } from '../../../adapters/metrics/gauges.js';
import { Lifecycle, type Component } from '../../running/lifecycle.js';
import { afterCheck, retentionCheck } from '../../running/retention.js';
import { deadLetters, delivery, serving, stopBudget } from '../../running/shutdown.js';
import { TOKENS } from '../tokens.js';

/** Binds the HTTP server, the ops routes and the order in which components start. */
export function bindServing(container: Container): void {
  bindOps(container);
  bindHttp(container);
  const t = TOKENS;
  container.bind(t.receivingComponents).toResolvedValue(
    (guard, sweeps, engine, clock, fatalErrors) => [
      retentionCheck(guard, clock, fatalErrors),
      ...sweeps.map((sweep) =>
        afterCheck(guard, {
          name: 'retention',
          start: () => {
            sweep.start();
          },
          stop: () => sweep.stop(),
        }),
      ),
      afterCheck(guard, delivery(engine)),
    ],
    [t.retentionGuard, t.sweeps, t.engine, t.clock, t.fatalErrors],
  );
  container.bind(t.lifecycle).toResolvedValue(
    (
      settings,
      backend,
      counts,
      receiving,
      letters,
      server,
      messages,
      replaying,
      alerts,
      clock,
      logger,
      stopping,
    ) => {
      const { roles, shutdownTimeoutMs } = settings;
      const budget = stopBudget(shutdownTimeoutMs);
      const components = [
        ...backend,
        counting(counts),
        deadLetters(letters, budget),
        ...(roles.receiver ? receiving : []),
        serving(server, messages, clock, budget),
        ...(roles.api ? [...replaying, ...alerts] : []),
      ];
      return new Lifecycle(components, clock, logger, shutdownTimeoutMs, stopping);
    },
    [
      t.settings,
      t.backendComponents,
      t.failureCounts,
      t.receivingComponents,
      t.deadLetterQueue,
      t.httpServer,
      t.messageQueue,
      t.replayingComponents,
      t.alertComponents,
      t.clock,
      t.logger,
      t.stopping,
    ],
  );
}

function counting(counts: FailureCounts): Component {
  return {
    name: 'failure-counts',
    start: () => {
      counts.start();
    },
    stop: () => {
      counts.stop();
    },
  };
}

function bindOps(container: Container): void {
  const t = TOKENS;
  container
    .bind(t.failureCounts)
    .toResolvedValue((archive, clock) => new FailureCounts(archive, clock), [t.archive, t.clock]);
  container.bind(t.scrape).toResolvedValue(
    (registry, _metrics, dependencies, lag, sends, letters, engine, memory, counts, clock) => {
      const queues = () => ({ sends: sends.length, dead_letters: letters.length, parked: engine.parked });
      registerGauges(registry, { dependencies, lag, queues, bodyMemory: () => memory.bytes });
      registerFailureGauges(registry, counts, clock);
      return registry;
    },
    [
      t.registry,
      t.metrics,
      t.dependencies,
      t.lag,
      t.messageQueue,
      t.deadLetterQueue,
      t.engine,
      t.bodyMemory,
      t.failureCounts,
      t.clock,
    ],
  );
  container
    .bind(t.opsRouter)
    .toResolvedValue(
      ({ roles }, dependencies, { signal }, scrape) =>
        opsRouter(() => assessReadiness(roles, dependencies, signal.aborted), scrape),
      [t.settings, t.dependencies, t.stopping, t.scrape],
    );
}

function bindHttp(container: Container): void {
  const t = TOKENS;
  container
    .bind(t.httpApp)
    .toResolvedValue(
      ({ roles }, api, ops, logger) => buildHttpApp({ ...(roles.api && { api }), routers: [ops], logger }),
      [t.settings, t.api, t.opsRouter, t.logger],
    );
  container.bind(t.httpServer).toResolvedValue(
    (app, { http, shutdownTimeoutMs }, clock) => {
      const { drainTimeoutMs } = stopBudget(shutdownTimeoutMs);
      return new HttpServer(app, { ...http, drainTimeoutMs }, clock);
    },
    [t.httpApp, t.settings, t.clock],
  );
}
