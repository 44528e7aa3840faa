import { ActionRefused } from '../../../../src/domain/failures/action-refused.js';
import { expect } from 'chai';
import {
  beginCorrection,
  beginReplay,
  discard,
  published,
  publishingRefused,
  STUCK_AFTER_MS,
  takeForJob,
  takeOver,
} from '../../../../src/domain/failures/failure-actions.js';
import {
  failedAgain,
  firstFailure,
  resolvedByStoring,
} from '../../../../src/domain/failures/failed-message.js';
import type { DeadLetter, FailedMessage } from '../../../../src/domain/failures/failed-message.js';
import { InvalidMessage } from '../../../../src/domain/message-rules.js';
import { aGroup, aLetter, anId, identities } from '../../../support/builders.js';

const RULES = { messageMaxLength: 100, maxReplays: 2, leaseMs: 30 };
const ORDER = { id: 'act 1', at: 1_000, force: false, by: 'me' };
const EARLIER = { ...ORDER, id: 'act 0' };
const FORCED = { ...ORDER, force: true };

const fresh = (given: Partial<DeadLetter> = {}): FailedMessage => firstFailure(aLetter(given), 500, aGroup);
const replaying = (given: Partial<DeadLetter> = {}): FailedMessage =>
  beginReplay(fresh(given), EARLIER, RULES);
const correcting = (): FailedMessage => beginCorrection(fresh(), { to: 'other' }, EARLIER, RULES, identities);

function refusal(action: () => unknown): { code: string; state: string } | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof ActionRefused) return { code: error.code, state: error.state };
    throw error;
  }
  return undefined;
}

describe('Replaying a failed message', () => {
  it('counts, leases it to whoever publishes it, and says who did it', () => {
    const failure = replaying();
    expect(failure).to.include({ state: 'replaying', replays: 1, lease: 1_030, replayingSince: 1_000 });
    expect(failure.history.at(-1)).to.deep.equal({ at: 1_000, event: 'replayed', by: 'me' });
  });

  const refused: readonly (readonly [string, () => FailedMessage, string])[] = [
    ['replaying', replaying, 'wrong-state'],
    ['correcting', correcting, 'wrong-state'],
    ['resolved', () => resolvedByStoring(replaying(), 2), 'wrong-state'],
    ['discarded', () => discard(fresh(), EARLIER), 'wrong-state'],
    ['truncated', () => fresh({ truncated: true }), 'not-replayable'],
    ['bytes that are no message', () => fresh({ encoding: 'base64' }), 'not-replayable'],
    ['under a used id', () => fresh({ code: 'idempotency-key-reused' }), 'not-replayable'],
    ['against the rules of today', () => fresh({ message: 'x'.repeat(101) }), 'needs-correction'],
    ['without a recipient', () => fresh({ to: '' }), 'needs-correction'],
    ['replayed too often', () => ({ ...fresh(), replays: 2 }), 'too-many-replays'],
  ];
  for (const [what, make, code] of refused) {
    it(`is refused where it is ${what}, with the state that it is in`, () => {
      const failure = make();
      expect(refusal(() => beginReplay(failure, ORDER, RULES))).to.deep.equal({ code, state: failure.state });
    });
  }

  it('goes on with force where it was replayed too often', () => {
    expect(beginReplay({ ...fresh(), replays: 2 }, FORCED, RULES)).to.include({ replays: 3 });
  });

  it('begins anew with force only when it has brought nothing for 15 minutes', () => {
    const failure = replaying();
    const at = (after: number) => ({ ...FORCED, at: 1_000 + after });
    expect(refusal(() => beginReplay(failure, at(STUCK_AFTER_MS - 1), RULES))?.code).to.equal('wrong-state');
    expect(beginReplay(failure, at(STUCK_AFTER_MS), RULES)).to.include({ state: 'replaying', replays: 2 });
    expect(refusal(() => beginReplay(correcting(), at(STUCK_AFTER_MS), RULES))?.code).to.equal('wrong-state');
  });

  it('is noted as published by whoever holds the lease, and nobody else', () => {
    const failure = replaying();
    expect(published(failure, 1_029, 2_000)).to.equal(undefined);
    const noted = published(failure, 1_030, 2_000);
    expect(noted).to.include({ state: 'replaying', replays: 1 }).and.not.have.property('lease');
    expect(takeOver(noted!, 9_000, 9_030)).to.equal(undefined);
  });

  it('is taken over when its lease is over, not before', () => {
    expect(takeOver(replaying(), 1_029, 2_000)).to.equal(undefined);
    const taken = takeOver(replaying(), 1_030, 2_000);
    expect(taken).to.include({ lease: 2_000 });
    expect(published(taken!, 1_030, 3_000)).to.equal(undefined);
  });

  it('is unresolved again where the log refuses it, which only the holder of the lease may say', () => {
    const reason = { code: 'message-too-large', reason: 'too large' };
    expect(publishingRefused(replaying(), 1, reason, 2_000)).to.equal(undefined);
    const failure = publishingRefused(replaying(), 1_030, reason, 2_000);
    expect(failure).to.include({
      state: 'unresolved',
      replays: 1,
      ...reason,
      failedAt: 2_000,
      recordedAt: 2_000,
    });
    expect(failure).not.to.have.property('lease');
    expect(refusal(() => beginReplay(failure!, ORDER, RULES))).to.equal(undefined);
  });

  it('that fails again is somebody to be told of, and at rest', () => {
    const failure = failedAgain(replaying(), aLetter({ replays: 1 }), 2_000, aGroup);
    expect(failure).to.include({ state: 'unresolved', alert: 'replay-failed', failures: 2 });
    expect(failure).not.to.have.any.keys('lease', 'replayingSince');
  });

  it('that is stored is at rest', () => {
    expect(resolvedByStoring(replaying(), 2)).not.to.have.any.keys('lease', 'replayingSince');
  });
});

describe('Correcting a failed message', () => {
  it('makes one new message of it, under an id that follows from its own', () => {
    const failure = fresh();
    const corrected = beginCorrection(failure, { message: ' better ' }, ORDER, RULES, identities);
    expect(corrected).to.include({ state: 'correcting', lease: 1_030, replays: 0, message: failure.message });
    expect(corrected.correction).to.deep.equal({
      ...{ id: identities.ofCorrection(failure.id), from: failure.from, to: failure.to },
      ...{ message: 'better', sentAt: 1_000, at: 1_000 },
    });
  });

  it('resolves it as superseded when the log has the new one', () => {
    const failure = published(correcting(), 1_030, 2_000);
    expect(failure)
      .to.include({ state: 'resolved', resolution: 'superseded' })
      .and.not.have.property('lease');
    const event = { at: 2_000, event: 'superseded', note: `by ${failure!.correction!.id}` };
    expect(failure!.history.at(-1)).to.deep.equal(event);
  });

  it('is possible once only, also while it is under way', () => {
    for (const failure of [correcting(), published(correcting(), 1_030, 2_000)!]) {
      const again = (): unknown => beginCorrection(failure, { to: 'x' }, ORDER, RULES, identities);
      expect(refusal(again)).to.deep.equal({ code: 'wrong-state', state: failure.state });
    }
  });

  it('is possible again where the log refused the new one as too large: it was never there', () => {
    const reason = { code: 'message-too-large', reason: 'too large' };
    const failure = publishingRefused(correcting(), 1_030, reason, 2_000);
    expect(failure)
      .to.include({ state: 'unresolved', ...reason })
      .and.not.have.property('correction');
    expect(beginCorrection(failure!, { message: 'short' }, ORDER, RULES, identities).state).to.equal(
      'correcting',
    );
  });

  it('refuses a corrected message that breaks the rules, and a sender that does', () => {
    const failure = fresh();
    for (const changes of [{ message: '' }, { to: 7 }, { to: 'a b' }]) {
      expect(() => beginCorrection(failure, changes, ORDER, RULES, identities)).to.throw(InvalidMessage);
    }
    const nobody = fresh({ from: '' });
    expect(refusal(() => beginCorrection(nobody, { to: 'b' }, ORDER, RULES, identities))?.code).to.equal(
      'not-correctable',
    );
  });
});

describe('Correcting bytes that are no message', () => {
  const bytes = (): FailedMessage => fresh({ from: '', to: '', message: 'AAEC', encoding: 'base64' });

  it('makes a message from nobody known, to whom and with the text that the correction names', () => {
    const changes = { to: 'clientB', message: 'hello' };
    const { correction } = beginCorrection(bytes(), changes, ORDER, RULES, identities);
    expect(correction).to.include({ ...changes, from: 'unknown' });
  });

  it('needs a text: the bytes as they are shown are none', () => {
    const correct = (): unknown => beginCorrection(bytes(), { to: 'clientB' }, ORDER, RULES, identities);
    expect(correct).to.throw(InvalidMessage, 'message: Path `message` is required.');
  });
});

describe('Discarding a failed message', () => {
  it('closes it, with what was said about it', () => {
    const failure = discard(fresh(), { ...ORDER, note: 'a test' });
    expect(failure.state).to.equal('discarded');
    expect(failure.history.at(-1)).to.deep.equal({ at: 1_000, event: 'discarded', by: 'me', note: 'a test' });
  });

  it('is refused while it is replaying or correcting, and when it is closed', () => {
    for (const failure of [replaying(), correcting(), discard(fresh(), EARLIER)]) {
      expect(refusal(() => discard(failure, FORCED))).to.deep.equal({
        code: 'wrong-state',
        state: failure.state,
      });
    }
  });

  it('ends a replay that has brought nothing for 15 minutes, with force', () => {
    const failure = discard(replaying(), { ...FORCED, at: 1_000 + STUCK_AFTER_MS });
    expect(failure).to.include({ state: 'discarded' }).and.not.have.any.keys('lease', 'replayingSince');
  });
});

describe('A bulk replay', () => {
  const take = (failure: FailedMessage, before = 900): FailedMessage | undefined =>
    takeForJob(failure, { ...ORDER, id: anId(), job: 'job' }, before, RULES);

  it('takes what belongs to its set, with a mark of its own', () => {
    const failure = take(fresh());
    expect(failure).to.include({ state: 'replaying', replays: 1 });
    expect(failure?.jobs).to.deep.equal([{ id: 'job', replays: 1 }]);
    expect(published(failure!, 1_030, 2)?.jobs).to.deep.equal([{ id: 'job', replays: 1, published: true }]);
    expect(resolvedByStoring(failure!, 2).jobs).to.deep.equal([{ id: 'job', replays: 1, published: true }]);
    const again = failedAgain(failure!, aLetter({ replays: 1 }), 2, aGroup);
    expect(again.jobs).to.deep.equal([{ id: 'job', replays: 1, failed: true }]);
  });

  it('leaves what it took before, what failed since it began, and what is no longer unresolved', () => {
    const once = failedAgain(take(fresh())!, aLetter({ replays: 1 }), 600, aGroup);
    expect(take(once)).to.equal(undefined);
    expect(take(fresh(), 500)).to.equal(undefined);
    expect(take(discard(fresh(), ORDER))).to.equal(undefined);
  });

  it('passes over what cannot be replayed as it is, with a mark', () => {
    const failure = take(fresh({ truncated: true }));
    expect(failure).to.include({ state: 'unresolved', replays: 0 });
    expect(failure?.jobs).to.deep.equal([{ id: 'job' }]);
  });

  it('counts what the log refused as passed over', () => {
    const failure = publishingRefused(take(fresh())!, 1_030, { code: 'c', reason: 'r' }, 2_000);
    expect(failure?.jobs).to.deep.equal([{ id: 'job' }]);
  });
});
