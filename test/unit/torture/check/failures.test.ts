import { expect } from 'chai';
import type { FailureRow, OperatorAction, Violation } from '../../../../torture/history.js';
import { failure, failures, inbox, rules, sent, violations } from './checker-world.js';

describe('The torture checker, on the cause of a failure', () => {
  const sends = [sent('a', { expected: 'too-long' })];

  it('accepts a failure that the send explains', () => {
    expect(rules({ sends }, { failures: failures(failure('a')) })).to.deep.equal([]);
  });

  it('reports a failure of another kind than the send explains', () => {
    const outage = failures(failure('a', { code: 'store-failed' }));
    expect(rules({ sends }, { failures: outage })).to.deep.equal(['unexplained-failure']);
  });

  it('reports a failure of a message that should have been stored', () => {
    const found = rules({ sends: [sent('a')] }, { failures: failures(failure('a')) });
    expect(found).to.deep.equal(['unexplained-failure']);
  });

  it('reports a failure of a message that was never sent', () => {
    expect(rules({}, { failures: failures(failure('a')) })).to.deep.equal(['unexplained-failure']);
  });
});

describe('The torture checker, on the state of a failure', () => {
  const sends = [sent('a', { expected: 'too-long' })];
  const action = (kind: OperatorAction['kind'], overrides: Partial<OperatorAction> = {}): OperatorAction => ({
    ...{ kind, id: 'id-a', outcome: 'done' },
    ...overrides,
  });
  const check = (
    row: Partial<FailureRow>,
    actions: OperatorAction[],
    ...stored: string[]
  ): readonly Violation[] =>
    violations({ sends, actions }, { failures: failures(failure('a', row)), inboxes: inbox(...stored) });
  const details = (...args: Parameters<typeof check>): string[] =>
    check(...args).map(({ rule, detail }) => `${rule}: ${detail.replace('failure id-a of a: ', '')}`);

  const discarded = { state: 'discarded', events: ['failed', 'discarded'] };
  const replayed = { state: 'resolved', resolution: 'stored', replays: 1 };
  const stored = { ...replayed, events: ['failed', 'replayed', 'stored'] };
  const superseded = {
    ...{ state: 'resolved', resolution: 'superseded' },
    events: ['failed', 'corrected', 'superseded'],
  };
  const correction = action('correct', { text: 'c' });

  it("accepts the result of an operator's action", () => {
    expect(details(discarded, [action('discard')])).to.deep.equal([]);
    expect(details(stored, [action('replay')], 'a')).to.deep.equal([]);
    expect(details(superseded, [correction], 'c')).to.deep.equal([]);
  });

  it("accepts the result of an operator's action with an unknown outcome", () => {
    expect(details({}, [action('discard', { outcome: 'unknown' })])).to.deep.equal([]);
    expect(details(discarded, [action('discard', { outcome: 'unknown' })])).to.deep.equal([]);
  });

  it('accepts a replay that a bulk replay may have made', () => {
    const final = { failures: failures(failure('a', stored)), inboxes: inbox('a') };
    expect(rules({ sends, bulkReplays: 1 }, final)).to.deep.equal([]);
  });

  it('reports a discard, a correction and a replay that no operator requested', () => {
    const other = action('replay', { id: 'other' });
    expect(details(discarded, [other])).to.deep.equal([
      "failure-state: discarded without an operator's action",
    ]);
    expect(details(superseded, [other])).to.deep.equal([
      "failure-state: corrected without an operator's action",
    ]);
    expect(details(stored, [], 'a')).to.deep.equal(["failure-state: replayed without an operator's action"]);
  });

  it('does not accept an action that got a conflict, or one of another kind, as the cause', () => {
    const conflicting = action('discard', { outcome: 'conflict' });
    expect(details(discarded, [conflicting])).to.deep.equal([
      "failure-state: discarded without an operator's action",
    ]);
    const unknown = action('replay', { outcome: 'unknown' });
    expect(details(discarded, [unknown])).to.deep.equal([
      "failure-state: discarded without an operator's action",
    ]);
  });

  it('reports a confirmed discard and a confirmed correction that were undone', () => {
    expect(details({}, [action('discard')])).to.deep.equal([
      'failure-state: unresolved after a confirmed discard',
    ]);
    expect(details({}, [correction], 'c')).to.deep.equal([
      'failure-state: unresolved after a confirmed correction',
    ]);
  });

  it('reports a correction whose message is in no inbox', () => {
    expect(details(superseded, [correction])).to.deep.equal([
      'failure-state: its correction c is in no inbox',
    ]);
  });

  it('reports a failure that is resolved and not stored, and one that is stored and not resolved', () => {
    expect(details(stored, [action('replay')])).to.deep.equal(['failure-state: stored, but not in an inbox']);
    expect(details({}, [], 'a')).to.deep.equal(['failure-state: unresolved, but in an inbox']);
  });

  it('reports a failure that stayed in flight', () => {
    const replaying = { state: 'replaying', replays: 1, events: ['failed', 'replayed', 'replaying'] };
    expect(details(replaying, [action('replay')])).to.deep.equal(['failure-state: still replaying']);
    const correcting = { state: 'correcting', events: ['failed', 'correcting'] };
    expect(details(correcting, [])).to.deep.equal(['failure-state: still correcting']);
  });

  it('reports an inconsistent history', () => {
    const again = { replays: 2, events: ['failed', 'replayed', 'failed'] };
    expect(details(again, [action('replay')])).to.deep.equal(['failure-state: 2 replays, 1 in its history']);
    expect(details({ events: ['stored', 'failed'] }, [])).to.deep.equal([
      'failure-state: its history begins with stored',
    ]);
    expect(details({ ...discarded, events: ['failed'] }, [action('discard')])).to.deep.equal([
      'failure-state: discarded, but its history ends with failed',
    ]);
  });
});
