import { expect } from 'chai';
import {
  failedAgain,
  firstFailure,
  resolvedByStoring,
} from '../../../../src/domain/failures/failed-message.js';
import { aGroup, aLetter } from '../../../support/builders.js';

describe('A failed message', () => {
  const letter = aLetter({ failedAt: 5_000, reason: 'too slow', replays: 0 });
  const first = firstFailure(letter, 6_000, aGroup);

  it('is unresolved at first, with its first failure in its history', () => {
    expect(first).to.deep.equal({
      ...letter,
      state: 'unresolved',
      group: aGroup,
      failures: 1,
      firstFailedAt: 5_000,
      recordedAt: 6_000,
      history: [{ at: 5_000, event: 'failed', note: 'too slow' }],
    });
  });

  it('takes the details of the latest failure when it fails again, and keeps the original message', () => {
    const later = aLetter({
      ...letter,
      ...{ message: 'changed', value: null, failedAt: 9_000, reason: 'too large', code: 'too-large' },
      ...{ disposition: 'rejected', attempts: 1, replays: 1 },
      origin: { topic: 't', partition: 0, offset: 9, group: 'g' },
    });
    const again = failedAgain({ ...first, state: 'replaying' }, later, 9_500, aGroup);
    expect(again).to.deep.include({
      state: 'unresolved',
      failures: 2,
      firstFailedAt: 5_000,
      recordedAt: 9_500,
    });
    expect(again).to.include({ message: letter.message, value: letter.value, failedAt: 9_000, replays: 1 });
    expect(again).to.include({
      reason: 'too large',
      code: 'too-large',
      disposition: 'rejected',
      attempts: 1,
    });
    expect(again.origin).to.deep.equal(later.origin);
    expect(again.history.map(({ at, note }) => [at, note])).to.deep.equal([
      [5_000, 'too slow'],
      [9_000, 'too large'],
    ]);
  });

  it('keeps its origin if the later failure has none', () => {
    const { origin, ...without } = letter;
    expect(failedAgain(first, without, 9_500, aGroup).origin).to.deep.equal(origin);
  });

  it('is resolved by being stored', () => {
    const resolved = resolvedByStoring(first, 7_000);
    expect(resolved).to.include({ state: 'resolved', resolution: 'stored', failures: 1 });
    expect(resolved.history.at(-1)).to.deep.equal({ at: 7_000, event: 'stored' });
    expect(first.history).to.have.lengthOf(1);
  });
});
