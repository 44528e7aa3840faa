import { ActionRefused } from '../../../../src/domain/failures/action-refused.js';
import { expect } from 'chai';
import {
  beginCorrection,
  beginReplay,
  discard,
  published,
  publicationRejected,
  STUCK_AFTER_MS,
  takeForJob,
  renewReplayLease,
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
  it('counts the replay, leases it to its publisher, and records the operator', () => {
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
    ['bytes that are not a message', () => fresh({ encoding: 'base64' }), 'not-replayable'],
    ['under a used id', () => fresh({ code: 'idempotency-key-reused' }), 'not-replayable'],
    ['invalid under the current rules', () => fresh({ message: 'x'.repeat(101) }), 'needs-correction'],
    ['without a recipient', () => fresh({ to: '' }), 'needs-correction'],
    ['replayed too often', () => ({ ...fresh(), replays: 2 }), 'too-many-replays'],
  ];
  for (const [what, make, code] of refused) {
    it(`is rejected if it is ${what}, with its current state`, () => {
      const failure = make();
      expect(refusal(() => beginReplay(failure, ORDER, RULES))).to.deep.equal({ code, state: failure.state });
    });
  }

  it('continues with force if it was replayed too often', () => {
    expect(beginReplay({ ...fresh(), replays: 2 }, FORCED, RULES)).to.include({ replays: 3 });
  });

  it('starts again with force only after 15 minutes without a result', () => {
    const failure = replaying();
    const at = (after: number) => ({ ...FORCED, at: 1_000 + after });
    expect(refusal(() => beginReplay(failure, at(STUCK_AFTER_MS - 1), RULES))?.code).to.equal('wrong-state');
    expect(beginReplay(failure, at(STUCK_AFTER_MS), RULES)).to.include({ state: 'replaying', replays: 2 });
    expect(refusal(() => beginReplay(correcting(), at(STUCK_AFTER_MS), RULES))?.code).to.equal('wrong-state');
  });

  it('is marked as published only by the holder of the lease', () => {
    const failure = replaying();
    expect(published(failure, 1_029, 2_000)).to.equal(undefined);
    const noted = published(failure, 1_030, 2_000);
    expect(noted).to.include({ state: 'replaying', replays: 1 }).and.not.have.property('lease');
    expect(renewReplayLease(noted!, 9_000, 9_030)).to.equal(undefined);
  });

  it('is taken over after its lease has expired, not before', () => {
    expect(renewReplayLease(replaying(), 1_029, 2_000)).to.equal(undefined);
    const taken = renewReplayLease(replaying(), 1_030, 2_000);
    expect(taken).to.include({ lease: 2_000 });
    expect(published(taken!, 1_030, 3_000)).to.equal(undefined);
  });

  it('is unresolved again if the log rejects it, as reported by the holder of the lease', () => {
    const reason = { code: 'message-too-large', reason: 'too large' };
    expect(publicationRejected(replaying(), 1, reason, 2_000)).to.equal(undefined);
    const failure = publicationRejected(replaying(), 1_030, reason, 2_000);
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

  it('has an alert and no lease after it failed again', () => {
    const failure = failedAgain(replaying(), aLetter({ replays: 1 }), 2_000, aGroup);
    expect(failure).to.include({ state: 'unresolved', alert: 'replay-failed', failures: 2 });
    expect(failure).not.to.have.any.keys('lease', 'replayingSince');
  });

  it('has no lease after it was stored', () => {
    expect(resolvedByStoring(replaying(), 2)).not.to.have.any.keys('lease', 'replayingSince');
  });
});

describe('Correcting a failed message', () => {
  it("creates one new message, under an id derived from the original's", () => {
    const failure = fresh();
    const corrected = beginCorrection(failure, { message: ' better ' }, ORDER, RULES, identities);
    expect(corrected).to.include({ state: 'correcting', lease: 1_030, replays: 0, message: failure.message });
    expect(corrected.correction).to.deep.equal({
      ...{ id: identities.ofCorrection(failure.id), from: failure.from, to: failure.to },
      ...{ message: 'better', sentAt: 1_000, at: 1_000 },
    });
  });

  it('resolves it as superseded when the log has the new message', () => {
    const failure = published(correcting(), 1_030, 2_000);
    expect(failure)
      .to.include({ state: 'resolved', resolution: 'superseded' })
      .and.not.have.property('lease');
    const event = { at: 2_000, event: 'superseded', note: `by ${failure!.correction!.id}` };
    expect(failure!.history.at(-1)).to.deep.equal(event);
  });

  it('is possible only once, even while it is in flight', () => {
    for (const failure of [correcting(), published(correcting(), 1_030, 2_000)!]) {
      const again = (): unknown => beginCorrection(failure, { to: 'x' }, ORDER, RULES, identities);
      expect(refusal(again)).to.deep.equal({ code: 'wrong-state', state: failure.state });
    }
  });

  it('is possible again if the log rejected the new message as too large, because it was never written', () => {
    const reason = { code: 'message-too-large', reason: 'too large' };
    const failure = publicationRejected(correcting(), 1_030, reason, 2_000);
    expect(failure)
      .to.include({ state: 'unresolved', ...reason })
      .and.not.have.property('correction');
    expect(beginCorrection(failure!, { message: 'short' }, ORDER, RULES, identities).state).to.equal(
      'correcting',
    );
  });

  it('rejects a corrected message that breaks the rules, and a sender that does', () => {
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

describe('Correcting bytes that are not a message', () => {
  const bytes = (): FailedMessage => fresh({ from: '', to: '', message: 'AAEC', encoding: 'base64' });

  it('creates a message from an unknown sender, with the recipient and text of the correction', () => {
    const changes = { to: 'clientB', message: 'hello' };
    const { correction } = beginCorrection(bytes(), changes, ORDER, RULES, identities);
    expect(correction).to.include({ ...changes, from: 'unknown' });
  });

  it('requires a text, because the displayed bytes are not one', () => {
    const correct = (): unknown => beginCorrection(bytes(), { to: 'clientB' }, ORDER, RULES, identities);
    expect(correct).to.throw(InvalidMessage, 'message: Path `message` is required.');
  });
});

describe('Discarding a failed message', () => {
  it("closes it, with the operator's note", () => {
    const failure = discard(fresh(), { ...ORDER, note: 'a test' });
    expect(failure.state).to.equal('discarded');
    expect(failure.history.at(-1)).to.deep.equal({ at: 1_000, event: 'discarded', by: 'me', note: 'a test' });
  });

  it('is rejected while it is replaying or correcting, and when it is closed', () => {
    for (const failure of [replaying(), correcting(), discard(fresh(), EARLIER)]) {
      expect(refusal(() => discard(failure, FORCED))).to.deep.equal({
        code: 'wrong-state',
        state: failure.state,
      });
    }
  });

  it('ends a replay without a result after 15 minutes, with force', () => {
    const failure = discard(replaying(), { ...FORCED, at: 1_000 + STUCK_AFTER_MS });
    expect(failure).to.include({ state: 'discarded' }).and.not.have.any.keys('lease', 'replayingSince');
  });
});

describe('A bulk replay', () => {
  const take = (failure: FailedMessage, before = 900): FailedMessage | undefined =>
    takeForJob(failure, { ...ORDER, id: anId(), job: 'job' }, before, RULES);

  it('takes failures that belong to its set, and marks them', () => {
    const failure = take(fresh());
    expect(failure).to.include({ state: 'replaying', replays: 1 });
    expect(failure?.jobs).to.deep.equal([{ id: 'job', replays: 1 }]);
    expect(published(failure!, 1_030, 2)?.jobs).to.deep.equal([{ id: 'job', replays: 1, published: true }]);
    expect(resolvedByStoring(failure!, 2).jobs).to.deep.equal([{ id: 'job', replays: 1, published: true }]);
    const again = failedAgain(failure!, aLetter({ replays: 1 }), 2, aGroup);
    expect(again.jobs).to.deep.equal([{ id: 'job', replays: 1, failed: true }]);
  });

  it('leaves failures that it took before, that failed since it began, or that are no longer unresolved', () => {
    const once = failedAgain(take(fresh())!, aLetter({ replays: 1 }), 600, aGroup);
    expect(take(once)).to.equal(undefined);
    expect(take(fresh(), 500)).to.equal(undefined);
    expect(take(discard(fresh(), ORDER))).to.equal(undefined);
  });

  it('skips failures that cannot be replayed unchanged, and marks them', () => {
    const failure = take(fresh({ truncated: true }));
    expect(failure).to.include({ state: 'unresolved', replays: 0 });
    expect(failure?.jobs).to.deep.equal([{ id: 'job' }]);
  });

  it('counts failures that the log rejected as skipped', () => {
    const failure = publicationRejected(take(fresh())!, 1_030, { code: 'c', reason: 'r' }, 2_000);
    expect(failure?.jobs).to.deep.equal([{ id: 'job' }]);
  });
});
