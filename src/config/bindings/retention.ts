import type { Container } from 'inversify';
import { MessageRetention } from '../../application/retention/message-retention.js';
import { RetentionGuard } from '../../application/retention/retention-guard.js';
import { TOKENS } from '../tokens.js';

/** What is removed when its time is over. */
export function bindRetention(container: Container): void {
  const t = TOKENS;
  container
    .bind(t.retentionGuard)
    .toResolvedValue(
      ({ timesToLive }, log, clock) => new RetentionGuard(timesToLive, log, clock),
      [t.settings, t.logRetention, t.clock],
    );
  container
    .bind(t.sweeps)
    .toResolvedValue(
      ({ timesToLive }, sweeper, clock, logger) =>
        timesToLive.map(({ ms }) => new MessageRetention(ms, sweeper, clock, logger)),
      [t.settings, t.messageSweep, t.clock, t.logger],
    );
}
