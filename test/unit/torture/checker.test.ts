import { expect } from 'chai';
import { check } from '../../../torture/check/check.js';
import type { FailureRow, FinalState, History, OperatorAct, SentMessage } from '../../../torture/history.js';

const sent = (text: string, more: Partial<SentMessage> = {}): SentMessage => ({
  ...{ from: 'sender', to: 'bob', text, expected: 'stored', outcome: 'accepted' },
  ...{ startedAt: 0, endedAt: 10, id: `id-${text}` },
  ...more,
});

const inbox = (...texts: string[]): FinalState['inboxes'] =>
  new Map([['bob', texts.map((text, at) => ({ id: `id-${text}`, from: 'sender', text, number: at + 1 }))]]);

const failure = (text: string, more: Partial<FailureRow> = {}): FailureRow => ({
  ...{ id: `id-${text}`, to: 'bob', text, code: 'invalid-message', state: 'unresolved', replays: 0 },
  events: ['failed'],
  ...more,
});

const history = (more: Partial<History>): History => ({
  ...{ sends: [], views: [], acts: [], bulkReplays: 0, unexplained: [] },
  ...more,
});

const state = (more: Partial<FinalState>): FinalState => {
  const inboxes = more.inboxes ?? new Map();
  const lastNumbers = new Map([...inboxes].map(([name, rows]) => [name, rows.length]));
  return { inboxes, lastNumbers, failures: new Map(), ...more };
};

const failures = (...rows: FailureRow[]): FinalState['failures'] => new Map(rows.map((row) => [row.id, row]));

const rules = (seen: Partial<History>, final: Partial<FinalState>): string[] =>
  check(history(seen), state(final)).map(({ rule }) => rule);

describe('The torture checker', () => {
  it('accepts messages that are stored once, in order, and seen so by their readers', () => {
    const rows = [
      { cursor: '1', text: 'a' },
      { cursor: '2', text: 'b' },
    ];
    const seen = {
      sends: [sent('a'), sent('b', { startedAt: 20, endedAt: 30 })],
      views: [{ reader: 'r', inbox: 'bob', rows }],
    };
    expect(rules(seen, { inboxes: inbox('a', 'b') })).to.deep.equal([]);
  });

  it('reports an acknowledged message that is nowhere as lost', () => {
    expect(rules({ sends: [sent('a'), sent('b')] }, { inboxes: inbox('a') })).to.deep.equal(['lost']);
  });

  it('accepts a message of unknown outcome that is nowhere', () => {
    expect(rules({ sends: [sent('a', { outcome: 'unknown' })] }, {})).to.deep.equal([]);
  });

  it('reports a message that was answered not-sent or 400 and is stored', () => {
    for (const outcome of ['not-sent', 'rejected'] as const)
      expect(rules({ sends: [sent('a', { outcome })] }, { inboxes: inbox('a') })).to.deep.equal(['phantom']);
  });

  it('reports a text that is stored under two ids', () => {
    const rows = [
      { id: 'id-a', from: 'sender', text: 'a', number: 1 },
      { id: 'other', from: 'sender', text: 'a', number: 2 },
    ];
    const found = rules({ sends: [sent('a')] }, { inboxes: new Map([['bob', rows]]) });
    expect(found).to.include('doubled');
  });

  it('reports an id that is stored in two inboxes', () => {
    const row = { id: 'id-a', from: 'sender', text: 'a', number: 1 };
    const inboxes = new Map([
      ['bob', [row]],
      ['eve', [{ ...row, text: 'b' }]],
    ]);
    const sends = [sent('a'), sent('b', { to: 'eve', id: 'id-a' })];
    expect(rules({ sends }, { inboxes })).to.deep.equal(['doubled']);
  });

  it('reports a message in the inbox of another client', () => {
    expect(rules({ sends: [sent('a', { to: 'eve' })] }, { inboxes: inbox('a') })).to.deep.equal(['phantom']);
  });

  it('reports a stored text that nobody sent', () => {
    expect(rules({}, { inboxes: inbox('a') })).to.deep.equal(['phantom']);
  });

  it('reports a message behind one that was sent after its acknowledgement', () => {
    const sends = [sent('a'), sent('b', { startedAt: 20, endedAt: 30 })];
    expect(rules({ sends }, { inboxes: inbox('b', 'a') })).to.deep.equal(['out-of-order']);
  });

  it('accepts any order of sends that overlapped', () => {
    const sends = [sent('a'), sent('b', { startedAt: 5, endedAt: 30 })];
    expect(rules({ sends }, { inboxes: inbox('b', 'a') })).to.deep.equal([]);
  });

  it('reports a gap in the numbers, and a last number that no message has', () => {
    const rows = [{ id: 'id-a', from: 'sender', text: 'a', number: 2 }];
    const inboxes = new Map([['bob', rows]]);
    expect(rules({ sends: [sent('a')] }, { inboxes })).to.deep.equal(['number-gap']);
    const lastNumbers = new Map([['bob', 2]]);
    expect(rules({ sends: [sent('a')] }, { inboxes: inbox('a'), lastNumbers })).to.deep.equal(['number-gap']);
  });

  it('reports a reader that skipped, doubled or swapped a row', () => {
    const [a, b] = [
      { cursor: '1', text: 'a' },
      { cursor: '2', text: 'b' },
    ];
    for (const rows of [[b], [a, a], [b, a]]) {
      const seen = { sends: [sent('a'), sent('b')], views: [{ reader: 'r', inbox: 'bob', rows }] };
      expect(rules(seen, { inboxes: inbox('a', 'b') })).to.deep.equal(['reader-view']);
    }
  });

  it('accepts a failure that the send explains, and reports any other', () => {
    const sends = [sent('a', { expected: 'too-long' })];
    expect(rules({ sends }, { failures: failures(failure('a')) })).to.deep.equal([]);
    const outage = failures(failure('a', { code: 'store-failed' }));
    expect(rules({ sends }, { failures: outage })).to.deep.equal(['unexplained-failure']);
    expect(rules({ sends: [sent('a')] }, { failures: failures(failure('a')) })).to.deep.equal([
      'unexplained-failure',
    ]);
  });

  describe('on failures that operators worked with', () => {
    const sends = [sent('a', { expected: 'too-long' })];
    const act = (kind: OperatorAct['kind'], more: Partial<OperatorAct> = {}): OperatorAct => ({
      ...{ kind, id: 'id-a', outcome: 'done' },
      ...more,
    });
    const verdict = (row: Partial<FailureRow>, acts: OperatorAct[], stored: string[] = []): string[] =>
      rules({ sends, acts }, { failures: failures(failure('a', row)), inboxes: inbox(...stored) });

    it('accepts what an operator did', () => {
      const discarded = { state: 'discarded', events: ['failed', 'discarded'] };
      expect(verdict(discarded, [act('discard')])).to.deep.equal([]);
      const replayed = { state: 'resolved', resolution: 'stored', replays: 1 };
      const events = ['failed', 'replayed', 'stored'];
      expect(verdict({ ...replayed, events }, [act('replay')], ['a'])).to.deep.equal([]);
      const corrected = { state: 'resolved', resolution: 'superseded' };
      const acts = [act('correct', { text: 'c' })];
      const after = { ...corrected, events: ['failed', 'corrected', 'superseded'] };
      expect(verdict(after, acts, ['c'])).to.deep.equal([]);
    });

    it('reports a state that no act explains', () => {
      const discarded = { state: 'discarded', events: ['failed', 'discarded'] };
      expect(verdict(discarded, [])).to.deep.equal(['failure-state']);
      expect(verdict(discarded, [act('discard', { outcome: 'conflict' })])).to.deep.equal(['failure-state']);
    });

    it('reports an act that was confirmed and is undone', () => {
      expect(verdict({}, [act('discard')])).to.deep.equal(['failure-state']);
      const corrected = { state: 'resolved', resolution: 'superseded' };
      const events = ['failed', 'corrected', 'superseded'];
      expect(verdict({ ...corrected, events }, [act('correct', { text: 'c' })])).to.deep.equal([
        'failure-state',
      ]);
    });

    it('reports a failure that is resolved and not stored, and one that is stored and not resolved', () => {
      const resolved = { state: 'resolved', resolution: 'stored', replays: 1 };
      const events = ['failed', 'replayed', 'stored'];
      expect(verdict({ ...resolved, events }, [act('replay')])).to.deep.equal(['failure-state']);
      expect(verdict({}, [], ['a'])).to.deep.equal(['failure-state']);
    });

    it('reports a failure that never came to rest, and a history that does not add up', () => {
      const replaying = { state: 'replaying', replays: 1, events: ['failed', 'replayed'] };
      expect(verdict(replaying, [act('replay')])).to.include('failure-state');
      expect(
        verdict({ replays: 2, events: ['failed', 'replayed', 'failed'] }, [act('replay')]),
      ).to.deep.equal(['failure-state']);
    });
  });

  it('reports answers that no fault explains', () => {
    expect(rules({ unexplained: ['GET /messages: 500'] }, {})).to.deep.equal(['unexplained-answer']);
  });
});
