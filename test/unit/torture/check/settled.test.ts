import { expect } from 'chai';
import { checkSettled } from '../../../../torture/check/settled.js';
import type { FinalState, History } from '../../../../torture/history.js';
import { failure, failures, history, inbox, sent, state } from './checker-world.js';

describe('The torture checker, once everything is settled', () => {
  const rules = (seen: Partial<History>, final: Partial<FinalState>): string[] =>
    checkSettled(history(seen), state(final)).map(({ rule }) => rule);
  const view = (...texts: string[]): History['views'] => {
    const rows = texts.map((text, at) => ({ cursor: String(at + 1), text }));
    return [{ reader: 'r', inbox: 'bob', rows }];
  };

  it('accepts a view of the whole inbox, and reports one that is not', () => {
    expect(rules({ views: view('a', 'b') }, { inboxes: inbox('a', 'b') })).to.deep.equal([]);
    expect(rules({ views: view('a') }, { inboxes: inbox('a', 'b') })).to.deep.equal(['reader-view']);
  });

  it('reports a text that was too long and was not replayed', () => {
    const sends = [sent('a', { expected: 'too-long' })];
    expect(rules({ sends }, { failures: failures(failure('a')) })).to.deep.equal(['failure-state']);
    const closed = failures(failure('a', { state: 'discarded' }));
    expect(rules({ sends }, { failures: closed })).to.deep.equal([]);
  });

  it('accepts a send that broke the rules and stays unresolved', () => {
    const sends = [sent('a', { expected: 'invalid' })];
    expect(rules({ sends }, { failures: failures(failure('a')) })).to.deep.equal([]);
  });
});
