import { expect } from 'chai';
import {
  firstFailure,
  resolvedByStoring,
  type FailedMessage,
} from '../../../../src/domain/failures/failed-message.js';
import {
  beginCorrection,
  beginReplay,
  discard,
  published,
} from '../../../../src/domain/failures/failure-actions.js';
import { statusReportOf } from '../../../../src/domain/inbox/message-status.js';
import type { StoredMessage } from '../../../../src/domain/message.js';
import { aGroup, aLetter, aMessage, identities } from '../../../support/builders.js';

const message: StoredMessage = { ...aMessage({ sentAt: 1_000 }), number: 3, storedAt: 2_000, content: '' };
const failed = (): FailedMessage => firstFailure(aLetter({ sentAt: 1_000, failedAt: 1_500 }), 1_600, aGroup);
const act = { id: 'act', at: 3_000, by: 'me', force: false };
const rules = { messageMaxLength: 100, maxReplays: 5, leaseMs: 30 };

describe('The status of a message', () => {
  it('is stored, and read once its reader has got that far', () => {
    expect(statusReportOf({ message })).to.include({
      status: 'stored',
      storedAt: 2_000,
      attempts: 1,
      failures: 0,
    });
    expect(statusReportOf({ message }, { number: 2, at: 9_000 }).status).to.equal('stored');
    expect(statusReportOf({ message }, { number: 3, at: 9_000 }).events).to.deep.equal([
      { at: 1_000, event: 'sent' },
      { at: 2_000, event: 'stored' },
      { at: 9_000, event: 'read' },
    ]);
    expect(statusReportOf({ message }, { number: 4, at: 9_000 }).events.at(-1)).to.deep.equal({
      ...{ at: 9_000, event: 'read', note: 'at the latest' },
    });
  });

  const states: readonly (readonly [string, FailedMessage, string])[] = [
    ['failed', failed(), 'sent failed'],
    ['replaying', beginReplay(failed(), act, rules), 'sent failed replayed'],
    [
      'replaying',
      beginCorrection(failed(), { message: 'x' }, act, rules, identities),
      'sent failed corrected',
    ],
    ['discarded', discard(failed(), act), 'sent failed discarded'],
    [
      'superseded',
      published(beginCorrection(failed(), { message: 'x' }, act, rules, identities), 3_030, 4_000)!,
      'sent failed corrected superseded',
    ],
    // The message was swept afterwards.
    ['stored', resolvedByStoring(beginReplay(failed(), act, rules), 4_000), 'sent failed replayed stored'],
  ];
  for (const [status, failure, events] of states) {
    it(`is ${status}: ${events}`, () => {
      const life = statusReportOf({ failure });
      expect(life.status).to.equal(status);
      expect(life.events.map(({ event }) => event).join(' ')).to.equal(events);
      expect(life).to.include({ attempts: 4, failures: 1, replays: failure.replays });
    });
  }

  it('changes to stored and read even after a failure', () => {
    const failure = resolvedByStoring(beginReplay(failed(), act, rules), 4_000);
    const life = statusReportOf({ message, failure }, { number: 3, at: 9_000 });
    expect(life).to.include({ status: 'read', attempts: 1, failures: 1, replays: 1 });
    expect(life.events.map(({ event }) => event).join(' ')).to.equal('sent failed replayed stored read');
  });

  it('shows bytes as base64', () => {
    const failure = firstFailure(aLetter({ encoding: 'base64' }), 0, aGroup);
    expect(statusReportOf({ failure })).to.include({ encoding: 'base64' });
  });
});
