import { ContainerModule } from 'inversify';
import { BulkReplays } from '../../../application/failures/bulk-replays.js';
import { CachedGroups } from '../../../application/failures/cached-groups.js';
import { FailureActions } from '../../../application/failures/failure-actions.js';
import { GroupCounter } from '../../../application/failures/group-counter.js';
import { ReplayOutbox } from '../../../application/failures/replay-outbox.js';
import { ReplayRunner } from '../../../application/failures/replay-runner.js';
import { component } from '../../running/lifecycle.js';
import { TOKENS as t } from '../tokens.js';

/** The operators' actions on failed messages, and the background work of replays. */
export const failures = new ContainerModule(({ bind }) => {
  bind(t.groups).toResolvedValue(
    (groups, store, clock, logger) =>
      new CachedGroups(new GroupCounter(groups, store, clock, logger), store, clock),
    [t.failureGroups, t.groupCounts, t.clock, t.logger],
  );
  bind(t.replayOutbox).toResolvedValue(
    (ledger, sets, queue, codec, { replays }, ...services) =>
      new ReplayOutbox(ledger, sets, queue, codec, replays.leaseMs, ...services),
    [t.ledger, t.failureSets, t.messageQueue, t.codec, t.settings, t.clock, t.logger, t.telemetry],
  );
  bind(t.failureActions).toResolvedValue(
    (ledger, archive, outbox, identities, { replays }, ...services) =>
      new FailureActions(ledger, archive, outbox, identities, replays, ...services),
    [t.ledger, t.archive, t.replayOutbox, t.identities, t.settings, t.clock, t.ids],
  );
  bind(t.replayRunner).toResolvedValue(
    (jobs, sets, ledger, outbox, { replays }, ...services) =>
      new ReplayRunner(jobs, sets, ledger, outbox, replays, ...services),
    [t.replayJobs, t.failureSets, t.ledger, t.replayOutbox, t.settings, t.clock, t.logger, t.ids],
  );
  bind(t.bulkReplays).toResolvedValue(
    (jobs, sets, ids, clock, runner) =>
      new BulkReplays(jobs, sets, ids, clock, () => {
        runner.pollNow();
      }),
    [t.replayJobs, t.failureSets, t.ids, t.clock, t.replayRunner],
  );
  // Stopped before the HTTP server, which closes the send queue that they publish through.
  bind(t.replayingComponents).toResolvedValue(
    (groups, outbox, runner) => [
      component('counts of groups', groups),
      component('replay outbox', outbox),
      component('bulk replays', runner),
    ],
    [t.groups, t.replayOutbox, t.replayRunner],
  );
});
