import { ContainerModule } from 'inversify';
import { opsRoutes } from '../../../adapters/http/ops/ops-routes.js';
import { assessReadiness } from '../../../adapters/http/ops/readiness.js';
import { FailureCounts } from '../../../adapters/metrics/failure-counts.js';
import { registerFailureGauges, registerGauges } from '../../../adapters/metrics/gauges.js';
import { construct } from '../construct.js';
import { TOKENS as t } from '../tokens.js';

/** The health endpoints and the metrics. */
export const ops = new ContainerModule(({ bind }) => {
  bind(t.failureCounts).toResolvedValue(construct(FailureCounts), [t.archive, t.clock]);
  bind(t.scrape).toResolvedValue(
    (registry, _telemetry, dependencies, lag, sends, letters, engine, memory, counts, clock) => {
      const queues = () => ({ sends: sends.length, dead_letters: letters.length, parked: engine.parked });
      registerGauges(registry, { dependencies, lag, queues, bodyMemory: () => memory.bytes });
      registerFailureGauges(registry, counts, clock);
      return registry;
    },
    [
      t.registry,
      t.telemetry,
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
  bind(t.opsRoutes).toResolvedValue(
    ({ roles }, dependencies, { signal }, scrape) =>
      opsRoutes(() => assessReadiness(roles, dependencies, signal.aborted), scrape),
    [t.settings, t.dependencies, t.stopping, t.scrape],
  );
});
