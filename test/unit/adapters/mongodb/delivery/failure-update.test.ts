import { expect } from 'chai';
import type { mongo } from 'mongoose';
import { failureFields, type MessageDocument } from '../../../../../src/adapters/mongodb/schema/documents.js';
import { failureUpdate } from '../../../../../src/adapters/mongodb/delivery/failure-update.js';
import {
  failedAgain,
  firstFailure,
  resolvedByStoring,
} from '../../../../../src/domain/failures/failed-message.js';
import type { FailedMessage } from '../../../../../src/domain/failures/failed-message.js';
import {
  beginCorrection,
  beginReplay,
  discard,
  published,
  publicationRejected,
  takeForJob,
  renewReplayLease,
} from '../../../../../src/domain/failures/failure-actions.js';
import { aGroup, aLetter, identities } from '../../../../support/builders.js';

const RULES = { messageMaxLength: 1_000, maxReplays: 5, leaseMs: 30_000 };
const ORDER = { id: 'act', at: 5_000, force: false, job: 'job' };
const LEASE = ORDER.at + RULES.leaseMs;

const failed = (): FailedMessage => firstFailure(aLetter(), 1_000, aGroup);
const replaying = (): FailedMessage => beginReplay(failed(), ORDER, RULES);
const correcting = (): FailedMessage =>
  beginCorrection(failed(), { message: 'better' }, ORDER, RULES, identities);
const again = aLetter({ replays: 1, reason: 'again' });

type Transition = readonly [
  before: FailedMessage,
  change: (failure: FailedMessage) => FailedMessage | undefined,
];

const TRANSITIONS: Record<string, Transition> = {
  replay: [failed(), (failure) => beginReplay(failure, { id: 'act', at: 5_000, force: false }, RULES)],
  'bulk replay': [failed(), (failure) => takeForJob(failure, ORDER, 9_000, RULES)],
  'bulk replay that skips it': [
    { ...failed(), truncated: true },
    (failure) => takeForJob(failure, ORDER, 9_000, RULES),
  ],
  correction: [
    failed(),
    (failure) => beginCorrection(failure, { message: 'better' }, ORDER, RULES, identities),
  ],
  discard: [failed(), (failure) => discard(failure, { ...ORDER, note: 'no use' })],
  'note of a replay': [replaying(), (failure) => published(failure, LEASE, 6_000)],
  'note of a correction': [correcting(), (failure) => published(failure, LEASE, 6_000)],
  rejection: [
    correcting(),
    (failure) => publicationRejected(failure, LEASE, { code: 'c', reason: 'r' }, 6_000),
  ],
  'lease taken over': [replaying(), (failure) => renewReplayLease(failure, LEASE, LEASE + 1)],
  'failing again': [replaying(), (failure) => failedAgain(failure, again, 9_000, aGroup)],
  storing: [replaying(), (failure) => resolvedByStoring(failure, 9_000)],
  'alert sent': [failedAgain(replaying(), again, 9_000, aGroup), ({ alert: _alert, ...failure }) => failure],
};

describe('The update of a failure in MongoDB', () => {
  for (const [name, [before, change]] of Object.entries(TRANSITIONS)) {
    it(`turns the stored failure into the new one, and does not write its bytes: ${name}`, () => {
      const after = change(before);
      expect(after).not.to.equal(undefined);
      const update = failureUpdate(before, after!);
      expect(applied(before, update)).to.deep.equal(failureFields(after!));
      expect(update.$set ?? {}).not.to.have.any.keys('failure.value', 'failure.key', 'failure.message');
    });
  }

  it('writes nothing if nothing differs', () => {
    const failure = replaying();
    expect(failureUpdate(failure, { ...failure })).to.deep.equal({});
  });

  it('writes the whole failure if there was none, together with the members of the message', () => {
    const failure = failed();
    const update = { $set: { number: 3, failure: failureFields(failure) } };
    expect(failureUpdate(undefined, failure, { number: 3 })).to.deep.equal(update);
  });

  it('writes the changed members of the failure together with those of the message', () => {
    const { $set } = failureUpdate(replaying(), resolvedByStoring(replaying(), 9_000), { number: 3 });
    expect($set).to.include({ number: 3, 'failure.state': 'resolved' }).and.not.have.property('failure');
  });
});

function applied(
  before: FailedMessage,
  { $set = {}, $unset = {} }: mongo.UpdateFilter<MessageDocument>,
): object {
  const fields: Record<string, unknown> = { ...failureFields(before) };
  for (const [path, value] of Object.entries($set)) fields[path.replace('failure.', '')] = value;
  for (const path of Object.keys($unset)) Reflect.deleteProperty(fields, path.replace('failure.', ''));
  return fields;
}
