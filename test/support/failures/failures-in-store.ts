import type { DeadLetter } from '../../../src/domain/failures/failed-message.js';
import { aDeadLetter } from '../builders.js';
import type { FailureWorld } from './failure-world.js';

/** Records a failure, by default with the details of a delivery that is out of retries. */
export async function failInStore(world: FailureWorld, overrides: Partial<DeadLetter>): Promise<string> {
  const { letter } = aDeadLetter({ failedAt: world.clock.now(), ...overrides });
  await world.ledger.settle([{ kind: 'dead-letter', letter }]);
  return letter.id;
}

/** Replays a failure, and makes it fail again. */
export async function replayFails(
  { ledger, clock }: FailureWorld,
  id: string,
  reason: string,
): Promise<void> {
  const replaying = await ledger.amend(id, (failure) => ({
    ...failure,
    state: 'replaying',
    replays: failure.replays + 1,
  }));
  if (replaying === undefined) throw new Error(`nothing failed under ${id}`);
  const letter = { ...replaying, reason, failedAt: clock.now() };
  await ledger.settle([{ kind: 'dead-letter', letter }]);
}
