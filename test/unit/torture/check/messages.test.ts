import { expect } from 'chai';
import { failure, failures, inbox, rules, sent } from './checker-world.js';

describe('The torture checker, on messages', () => {
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

  it('reports a missing acknowledged message as lost', () => {
    expect(rules({ sends: [sent('a'), sent('b')] }, { inboxes: inbox('a') })).to.deep.equal(['lost']);
  });

  it('accepts a missing message with an unknown outcome', () => {
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
    const { id: _, ...send } = sent('a');
    const sends = [send];
    expect(rules({ sends }, { inboxes: new Map([['bob', rows]]) })).to.deep.equal(['duplicate']);
  });

  it('reports an id that is stored in two inboxes', () => {
    const row = { id: 'id-a', from: 'sender', text: 'a', number: 1 };
    const inboxes = new Map([
      ['bob', [row]],
      ['eve', [{ ...row, text: 'b' }]],
    ]);
    const sends = [sent('a'), sent('b', { to: 'eve', id: 'id-a' })];
    expect(rules({ sends }, { inboxes })).to.deep.equal(['duplicate']);
  });

  it('reports a message in the inbox of another client, from another sender, or under another id', () => {
    for (const other of [{ to: 'eve' }, { from: 'mallory' }, { id: 'other' }])
      expect(rules({ sends: [sent('a', other)] }, { inboxes: inbox('a') })).to.deep.equal(['phantom']);
  });

  it('reports a stored text that was never sent', () => {
    expect(rules({}, { inboxes: inbox('a') })).to.deep.equal(['phantom']);
  });

  it('reports answers that no fault explains', () => {
    expect(rules({ unexplained: ['GET /messages: 500'] }, {})).to.deep.equal(['unexplained-response']);
  });
});

describe('The torture checker, on order', () => {
  it('reports a message behind one that was sent after its acknowledgement', () => {
    const sends = [sent('a'), sent('b', { startedAt: 20, endedAt: 30 })];
    expect(rules({ sends }, { inboxes: inbox('b', 'a') })).to.deep.equal(['out-of-order']);
  });

  it('accepts any order of sends that overlapped', () => {
    const sends = [sent('a'), sent('b', { startedAt: 5, endedAt: 30 })];
    expect(rules({ sends }, { inboxes: inbox('b', 'a') })).to.deep.equal([]);
  });

  it('accepts a message with an unknown outcome behind a later one', () => {
    const sends = [sent('a', { outcome: 'unknown' }), sent('b', { startedAt: 20, endedAt: 30 })];
    expect(rules({ sends }, { inboxes: inbox('b', 'a') })).to.deep.equal([]);
  });

  it('accepts a replayed message behind later ones', () => {
    const sends = [sent('a', { expected: 'too-long' }), sent('b', { startedAt: 20, endedAt: 30 })];
    const stored = { state: 'resolved', resolution: 'stored', replays: 1 };
    const replayed = failure('a', { ...stored, events: ['failed', 'replayed', 'stored'] });
    const final = { inboxes: inbox('b', 'a'), failures: failures(replayed) };
    expect(rules({ sends, bulkReplays: 1 }, final)).to.deep.equal([]);
  });

  it('reports a gap in the numbers, and a last number that no message has', () => {
    const rows = [{ id: 'id-a', from: 'sender', text: 'a', number: 2 }];
    const inboxes = new Map([['bob', rows]]);
    expect(rules({ sends: [sent('a')] }, { inboxes })).to.deep.equal(['number-gap']);
    const lastNumbers = new Map([['bob', 2]]);
    expect(rules({ sends: [sent('a')] }, { inboxes: inbox('a'), lastNumbers })).to.deep.equal(['number-gap']);
    expect(rules({}, { lastNumbers })).to.deep.equal(['number-gap']);
  });
});

describe('The torture checker, on what readers received', () => {
  const [a, b] = [
    { cursor: '1', text: 'a' },
    { cursor: '2', text: 'b' },
  ] as const;
  const verdict = (...rows: { cursor: string; text: string }[]): readonly string[] => {
    const seen = { sends: [sent('a'), sent('b')], views: [{ reader: 'r', inbox: 'bob', rows }] };
    return rules(seen, { inboxes: inbox('a', 'b') });
  };

  it('accepts a prefix of the inbox', () => {
    expect(verdict()).to.deep.equal([]);
    expect(verdict(a)).to.deep.equal([]);
  });

  it('reports a row that was skipped, duplicated or reordered', () => {
    for (const rows of [[b], [a, a], [b, a]]) expect(verdict(...rows)).to.deep.equal(['reader-view']);
  });

  it('reports a row with the text or the cursor of another one', () => {
    expect(verdict(a, { ...b, text: 'c' })).to.deep.equal(['reader-view']);
    expect(verdict(a, { ...b, cursor: '3' })).to.deep.equal(['reader-view']);
  });

  it('reports a row beyond the end of the inbox', () => {
    expect(verdict(a, b, { cursor: '3', text: 'c' })).to.deep.equal(['reader-view']);
  });
});
