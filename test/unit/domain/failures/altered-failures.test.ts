import { expect } from 'chai';
import { ActionRefused } from '../../../../src/domain/failures/action-refused.js';
import {
  beginCorrection,
  beginReplay,
  discard,
  publicationRejected,
  takeForJob,
} from '../../../../src/domain/failures/failure-actions.js';
import {
  alteredMembers,
  failedAgain,
  firstFailure,
  type DeadLetter,
  type FailedMessage,
} from '../../../../src/domain/failures/failed-message.js';
import { InvalidMessage } from '../../../../src/domain/message-rules.js';
import type { Changes } from '../../../../src/domain/failures/resend-rules.js';
import { aGroup, aLetter, anId, identities } from '../../../support/builders.js';

const RULES = { messageMaxLength: 100, maxReplays: 2, leaseMs: 30 };
const ORDER = { id: 'act', at: 1_000, force: false };
const REQUIRED = 'Message validation failed: message: Path `message` must be a string.';

const failure = (given: Partial<DeadLetter>): FailedMessage => firstFailure(aLetter(given), 500, aGroup);
const refused = (given: Partial<DeadLetter> = {}): FailedMessage =>
  failure({ disposition: 'refused', code: 'invalid-message', ...given });
const correct = (failed: FailedMessage, changes: Changes): FailedMessage =>
  beginCorrection(failed, changes, { ...ORDER, id: anId() }, RULES, identities);

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof ActionRefused) return error.code;
    throw error;
  }
  return undefined;
}

describe('The altered members of a failure', () => {
  const reason =
    'Message validation failed: from: Path `from` must be a string., message: Path `message` is required.';

  it('are those that its dead letter names, whatever its reason says', () => {
    expect(alteredMembers(aLetter({ altered: ['to'], disposition: 'refused', reason }))).to.deep.equal([
      'to',
    ]);
    expect(alteredMembers(aLetter({ altered: [], disposition: 'refused', reason }))).to.deep.equal([]);
  });

  it('are those that the reason names if an invalid send names none', () => {
    expect(alteredMembers(aLetter({ disposition: 'refused', reason }))).to.deep.equal(['from', 'message']);
  });

  it('are none if delivery failed, or if a record was rejected whose bytes are kept', () => {
    for (const disposition of ['exhausted', 'rejected'] as const) {
      expect(alteredMembers(aLetter({ disposition, reason }))).to.deep.equal([]);
    }
  });

  it('are the text of a rejected record with lone surrogates', () => {
    const notAllowed =
      'Message validation failed: to: Path `to` is required., message: Path `message` contains characters that are not allowed.';
    const letter = aLetter({ disposition: 'rejected', reason: notAllowed });
    expect(alteredMembers(letter)).to.deep.equal(['message']);
  });

  it('are those with lone surrogates, even after a store has replaced these', () => {
    const recorded = failure({ message: 'a\ud83d' });
    expect(alteredMembers({ ...recorded, message: 'a\ufffd' })).to.deep.equal(['message']);
  });

  it('include the text of a truncated one', () => {
    expect(alteredMembers(aLetter({ truncated: true }))).to.deep.equal(['message']);
    expect(alteredMembers(aLetter({ truncated: true, altered: ['to'] }))).to.deep.equal(['to', 'message']);
  });
});

describe('Replaying a failure that was recorded altered', () => {
  const cases: readonly (readonly [string, FailedMessage, string])[] = [
    ['an invalid send', refused({ altered: [] }), 'needs-correction'],
    ['an invalid send that does not say what was altered', refused(), 'needs-correction'],
    ['an invalid send that was truncated', refused({ truncated: true }), 'needs-correction'],
    ['an invalid send with a truncated member', refused({ altered: ['to'] }), 'needs-correction'],
    ['an invalid send with a converted sender', refused({ altered: ['from', 'to'] }), 'not-correctable'],
    ['a rejected record with lone surrogates', failure({ altered: ['message'] }), 'needs-correction'],
  ];
  for (const [what, failed, code] of cases) {
    it(`is rejected for ${what}, even with force and in a bulk replay`, () => {
      for (const force of [false, true]) {
        expect(codeOf(() => beginReplay(failed, { ...ORDER, force }, RULES))).to.equal(code);
      }
      const passedOver = takeForJob(failed, { ...ORDER, job: 'job' }, 900, RULES);
      expect(passedOver).to.deep.equal({ ...failed, jobs: [{ id: 'job' }] });
    });
  }

  it('says what a correction must name', () => {
    const replay = (): unknown =>
      beginReplay(refused({ reason: REQUIRED, altered: ['to', 'message'] }), ORDER, RULES);
    expect(replay).to.throw(`${REQUIRED} A correction must name to and message.`);
  });

  it('is rejected even if a replay that an earlier version began has failed again', () => {
    const replaying: FailedMessage = { ...refused({ reason: REQUIRED }), state: 'replaying', replays: 1 };
    const again = failedAgain(replaying, aLetter({ replays: 1 }), 2_000, aGroup);
    expect(codeOf(() => beginReplay(again, ORDER, RULES))).to.equal('needs-correction');
  });
});

describe('Correcting a failure that was recorded altered', () => {
  it('sends the given value of each altered member, and the others unchanged', () => {
    const text = correct(refused({ altered: ['message'], to: 'till' }), { message: 'better' });
    expect(text.correction).to.include({ to: 'till', message: 'better' });
    const changes = { to: 'till', message: 'better' };
    expect(correct(refused({ altered: ['to', 'message'] }), changes).correction).to.include(changes);
  });

  const unnamed: readonly (readonly [string, Partial<DeadLetter>, Changes, string])[] = [
    ['the recipient', { altered: ['to', 'message'] }, { message: 'better' }, 'to'],
    ['the text', { altered: ['to', 'message'] }, { to: 'till' }, 'message'],
    ['members that only the reason names', { reason: REQUIRED }, { to: 'till' }, 'message'],
    ['a truncated text', { truncated: true }, { to: 'till' }, 'message'],
  ];
  for (const [what, given, changes, field] of unnamed) {
    it(`must name ${what}`, () => {
      const detail = `Message validation failed: ${field}: Path \`${field}\` is required.`;
      expect(() => correct(refused(given), changes)).to.throw(InvalidMessage, detail);
    });
  }

  it('must name the same members after the log has rejected a correction', () => {
    const correcting = correct(refused({ reason: REQUIRED }), { message: 'better' });
    const reason = { code: 'message-too-large', reason: 'too large' };
    const again = publicationRejected(correcting, 1_030, reason, 2_000)!;
    expect(() => correct(again, { to: 'till' })).to.throw(InvalidMessage, 'Path `message` is required.');
  });

  it('is not possible if the sender was altered, which leaves only discarding', () => {
    const failed = refused({ altered: ['from'] });
    const changes = { to: 'till', message: 'better' };
    expect(codeOf(() => correct(failed, changes))).to.equal('not-correctable');
    expect(discard(failed, ORDER).state).to.equal('discarded');
  });
});
