import type { Container } from 'inversify';
import { BackgroundReplays } from '../../../application/failures/bulk-replays.js';
import { CachedGroups } from '../../../application/failures/cached-groups.js';
import { GroupCounter } from '../../../application/failures/group-counter.js';
import { LedgerFailureActions } from '../../../application/failures/failure-actions.js';
import { ReplayOutbox } from '../../../application/failures/replay-outbox.js';
import { ReplayRunner } from '../../../application/failures/replay-runner.js';
import { TOKENS } from '../tokens.js';

/** Binds the operators' actions on failed messages, and the background work of replays. */
export function bindFailures(container: Container): void {
  const t = TOKENS;
  container
    .bind(t.groups)
    .toResolvedValue(
      (groups, store, clock, logger) =>
        new CachedGroups(new GroupCounter(groups, store, clock, logger), store, clock),
      [t.failureGroups, t.groupCounts, t.clock, t.logger],
    );
  container
    .bind(t.replayOutbox)
    .toResolvedValue(
      (ledger, sets, queue, codec, { replays }, clock, logger, telemetry) =>
        new ReplayOutbox(ledger, sets, queue, codec, replays.leaseMs, clock, logger, telemetry),
      [t.ledger, t.failureSets, t.messageQueue, t.codec, t.settings, t.clock, t.logger, t.telemetry],
    );
  container
    .bind(t.failureActions)
    .toResolvedValue(
      (ledger, archive, outbox, identities, { replays }, clock, ids) =>
        new LedgerFailureActions(ledger, archive, outbox, identities, replays, clock, ids),
      [t.ledger, t.archive, t.replayOutbox, t.identities, t.settings, t.clock, t.ids],
    );
  container
    .bind(t.replayRunner)
    .toResolvedValue(
      (jobs, sets, ledger, outbox, { replays }, clock, logger, ids) =>
        new ReplayRunner(jobs, sets, ledger, outbox, replays, clock, logger, ids),
      [t.replayJobs, t.failureSets, t.ledger, t.replayOutbox, t.settings, t.clock, t.logger, t.ids],
    );
  // Stopped before the HTTP server, which closes the send queue that they publish through.
  container.bind(t.replayingComponents).toResolvedValue(
    (outbox, runner, groups) => [
      { name: 'counts of groups', start: () => groups.start(), stop: () => groups.stop() },
      { name: 'replay outbox', start: () => outbox.start(), stop: () => outbox.stop() },
      { name: 'bulk replays', start: () => runner.start(), stop: () => runner.stop() },
    ],
    [t.replayOutbox, t.replayRunner, t.groups],
  );
  container
    .bind(t.bulkReplays)
    .toResolvedValue(
      (jobs, sets, ids, clock, runner) =>
        new BackgroundReplays(jobs, sets, ids, clock, () => void runner.look()),
      [t.replayJobs, t.failureSets, t.ids, t.clock, t.replayRunner],
    );
}
