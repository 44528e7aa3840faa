import { expect } from 'chai';
import { WrongState } from '../../../../src/domain/failures/action-refused.js';
import {
  beginCorrection,
  beginReplay,
  discard,
  takeForJob,
} from '../../../../src/domain/failures/failure-actions.js';
import {
  failedAgain,
  firstFailure,
  resolvedByStoring,
} from '../../../../src/domain/failures/failed-message.js';
import type { FailedMessage } from '../../../../src/domain/failures/failed-message.js';
import { aGroup, aLetter, identities } from '../../../support/builders.js';

const RULES = { messageMaxLength: 100, maxReplays: 2, leaseMs: 30 };
const ORDER = { id: 'act 1', at: 1_000, force: false };
const OTHER = { ...ORDER, id: 'act 2' };

const fresh = (): FailedMessage => firstFailure(aLetter(), 500, aGroup);
const replaying = (): FailedMessage => beginReplay(fresh(), ORDER, RULES);

describe('An action applied to a failure that it has already changed', () => {
  const acts: Record<string, (failure: FailedMessage, order: typeof ORDER) => FailedMessage | undefined> = {
    replay: (failure, order) => beginReplay(failure, order, RULES),
    correction: (failure, order) => beginCorrection(failure, { to: 'other' }, order, RULES, identities),
    discard,
    'bulk replay': (failure, order) => takeForJob(failure, { ...order, job: 'job' }, 900, RULES),
  };
  for (const [name, act] of Object.entries(acts)) {
    it(`returns the failure unchanged: ${name}`, () => {
      const changed = act(fresh(), ORDER)!;
      expect(act(changed, ORDER)).to.equal(changed);
    });
  }

  it('returns the failure unchanged after other events', () => {
    const stored = resolvedByStoring(replaying(), 2_000);
    expect(beginReplay(stored, ORDER, RULES)).to.equal(stored);
    const discarded = discard(failedAgain(replaying(), aLetter({ replays: 1 }), 2_000, aGroup), OTHER);
    expect(beginReplay(discarded, ORDER, RULES)).to.equal(discarded);
  });

  it('is rejected under another id', () => {
    expect(() => beginReplay(replaying(), OTHER, RULES))
      .to.throw(WrongState)
      .with.property('state', 'replaying');
  });

  it('is recognised by the ids of the last 20 actions', () => {
    let failure = fresh();
    for (let n = 1; n <= 21; n += 1) {
      failure = beginReplay(
        { ...failure, state: 'unresolved' },
        { ...ORDER, force: true, id: String(n) },
        RULES,
      );
    }
    expect(failure.acts).to.deep.equal(Array.from({ length: 20 }, (_, n) => String(n + 2)));
  });
});
