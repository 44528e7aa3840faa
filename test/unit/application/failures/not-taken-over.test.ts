import { expect } from 'chai';
import { FailureActions } from '../../../../src/application/failures/failure-actions.js';
import type { Holding } from '../../../../src/domain/inbox/message-status.js';
import { firstFailure } from '../../../../src/domain/failures/failed-message.js';
import { aGroup, aLetter, identities } from '../../../support/builders.js';
import { countingIds } from '../../../support/recorders.js';

describe('A failure that is listed but not yet imported', () => {
  const failure = firstFailure(aLetter(), 1_000, aGroup);
  const operatorOf = (shown: Holding | undefined): FailureActions =>
    new FailureActions(
      { amend: () => Promise.resolve(undefined) },
      { find: () => Promise.resolve(shown) },
      { publish: () => Promise.reject(new Error('nothing to publish')) },
      identities,
      { messageMaxLength: 100, maxReplays: 5, leaseMs: 1_000 },
      { now: () => 5_000 },
      countingIds,
    );
  const acts: readonly (readonly [string, (actions: FailureActions) => Promise<unknown>])[] = [
    ['replayed', (actions) => actions.replay(failure.id, { force: false })],
    ['corrected', (actions) => actions.correct(failure.id, { message: 'better' }, undefined)],
    ['discarded', (actions) => actions.discard(failure.id, { force: false })],
  ];
  for (const [what, act] of acts) {
    it(`cannot be ${what} before it is imported`, async () => {
      const refused = await act(operatorOf({ failure })).catch((error: unknown) => error);
      expect(refused).to.include({ code: 'not-taken-over', state: 'unresolved' });
      expect(refused).to.have.property('message').that.contains('npm run migrate');
    });

    it(`cannot be ${what} if it is unknown`, async () => {
      const refused = await act(operatorOf(undefined)).catch((error: unknown) => error);
      expect(refused).to.have.property('code', 'unknown-failure');
    });
  }
});
