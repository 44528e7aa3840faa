import { check } from '../../../../torture/check/check.js';
import type { FailureRow, FinalState, History, SentMessage, Violation } from '../../../../torture/history.js';

/** A message for bob that was acknowledged under an id derived from its text. */
export const sent = (text: string, overrides: Partial<SentMessage> = {}): SentMessage => ({
  ...{ from: 'sender', to: 'bob', text, expected: 'stored', outcome: 'accepted' },
  ...{ startedAt: 0, endedAt: 10, id: `id-${text}` },
  ...overrides,
});

/** Bob's inbox. */
export const inbox = (...texts: string[]): FinalState['inboxes'] =>
  new Map([['bob', texts.map((text, at) => ({ id: `id-${text}`, from: 'sender', text, number: at + 1 }))]]);

export const failure = (text: string, overrides: Partial<FailureRow> = {}): FailureRow => ({
  ...{ id: `id-${text}`, to: 'bob', text, code: 'invalid-message', state: 'unresolved', replays: 0 },
  events: ['failed'],
  ...overrides,
});

export const failures = (...rows: FailureRow[]): FinalState['failures'] =>
  new Map(rows.map((row) => [row.id, row]));

export const history = (overrides: Partial<History>): History => ({
  ...{ sends: [], views: [], actions: [], bulkReplays: 0, unexplained: [] },
  ...overrides,
});

export const state = (overrides: Partial<FinalState>): FinalState => {
  const inboxes = overrides.inboxes ?? new Map();
  const lastNumbers = new Map([...inboxes].map(([name, rows]) => [name, rows.length]));
  return { inboxes, lastNumbers, failures: new Map(), ...overrides };
};

export const violations = (seen: Partial<History>, final: Partial<FinalState>): readonly Violation[] =>
  check(history(seen), state(final));

/** The rules that the checker reports as broken. */
export const rules = (seen: Partial<History>, final: Partial<FinalState>): readonly string[] =>
  violations(seen, final).map(({ rule }) => rule);
