import { ContainerModule } from 'inversify';
import { RetentionGuard } from '../../../application/retention/retention-guard.js';
import { Retention } from '../../../application/retention/retention.js';
import { TOKENS as t } from '../tokens.js';

/** The retention check, and the sweeps of expired messages and failures. */
export const retention = new ContainerModule(({ bind }) => {
  bind(t.retentionGuard).toResolvedValue(
    ({ timesToLive }, log, clock) => new RetentionGuard(timesToLive, log, clock),
    [t.settings, t.logRetention, t.clock],
  );
  bind(t.sweeps).toResolvedValue(
    ({ timesToLive }, messages, failures, clock, logger) =>
      timesToLive.map(({ what, ms }) => {
        const sweep = what === 'messages' ? messages : failures;
        return new Retention(what, ms, sweep, clock, logger);
      }),
    [t.settings, t.messageSweep, t.failureSweep, t.clock, t.logger],
  );
});
