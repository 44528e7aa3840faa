import { ContainerModule } from 'inversify';
import { DeliveryEngine } from '../../../application/delivery/delivery-engine.js';
import { DeliveryPolicy } from '../../../domain/delivery/delivery-policy.js';
import { afterCheck, retentionCheck } from '../../running/retention.js';
import { component } from '../../running/lifecycle.js';
import { TOKENS as t } from '../tokens.js';

/** Delivering the messages of the log to the store. */
export const delivery = new ContainerModule(({ bind }) => {
  bind(t.policy).toResolvedValue(
    ({ receiving, timesToLive }) =>
      new DeliveryPolicy(
        receiving.retry,
        timesToLive.length > 0 ? Math.min(...timesToLive.map(({ ms }) => ms)) : undefined,
      ),
    [t.settings],
  );
  bind(t.engine).toResolvedValue(
    (
      { receiving: { clients, parkedMax }, groups },
      feed,
      ledger,
      deadLetters,
      codec,
      policy,
      checkPartition,
      clock,
      telemetry,
    ) =>
      new DeliveryEngine(
        { served: clients, group: groups.receiver, failuresGroup: groups.failures, parkedMax },
        { feed, ledger, deadLetters, codec, policy, checkPartition, clock, telemetry, random: Math.random },
      ),
    [
      t.settings,
      t.feed,
      t.ledger,
      t.deadLetterQueue,
      t.codec,
      t.policy,
      t.checkPartition,
      t.clock,
      t.telemetry,
    ],
  );
  bind(t.receivingComponents).toResolvedValue(
    (guard, sweeps, engine, clock, fatalErrors) => [
      retentionCheck(guard, clock, fatalErrors),
      ...sweeps.map((sweep) => afterCheck(guard, component('retention', sweep))),
      afterCheck(guard, component('delivery', engine)),
    ],
    [t.retentionGuard, t.sweeps, t.engine, t.clock, t.fatalErrors],
  );
});
