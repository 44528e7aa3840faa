import type { Container } from 'inversify';
import { Retention } from '../../../application/retention/retention.js';
import { RetentionGuard } from '../../../application/retention/retention-guard.js';
import { TOKENS } from '../tokens.js';

/** Binds the retention check, and the sweeps of expired messages and failures. */
export function bindRetention(container: Container): void {
  const t = TOKENS;
  container
    .bind(t.retentionGuard)
    .toResolvedValue(
      ({ timesToLive }, log, clock) => new RetentionGuard(timesToLive, log, clock),
      [t.settings, t.logRetention, t.clock],
    );
  container.bind(t.sweeps).toResolvedValue(
    ({ timesToLive }, messages, failures, clock, logger) =>
      timesToLive.map(({ what, ms }) => {
        const sweeper = what === 'messages' ? messages : failures;
        return new Retention(what, ms, sweeper, clock, logger);
      }),
    [t.settings, t.messageSweep, t.failureSweep, t.clock, t.logger],
  );
}
