import type { FailureRow, FinalState, History, OperatorAction, SentMessage, Violation } from '../history.js';

/** The codes with which a send may fail, by its expected result. */
const EXPECTED_CODES: Readonly<Record<SentMessage['expected'], readonly string[]>> = {
  stored: [],
  'too-long': ['invalid-message'],
  invalid: ['invalid-message'],
  'reused-key': ['idempotency-key-reused'],
};

/**
 * Checks that every failure is caused by a sent message, and that its history and the operators' actions explain its
 * state.
 */
export function checkFailures(history: History, final: FinalState): Violation[] {
  const sent = new Map(history.sends.map((send) => [send.text, send]));
  const actions = actionsById(history.actions);
  const stored = new Set([...final.inboxes.values()].flatMap((rows) => rows.map(({ id }) => id)));
  const texts = new Set([...final.inboxes.values()].flatMap((rows) => rows.map(({ text }) => text)));
  return [...final.failures.values()].flatMap((failure) => {
    const own = actions.get(failure.id) ?? [];
    const details = [
      ...stateProblems(failure, own, history.bulkReplays > 0),
      ...inboxProblems(failure, own, stored, texts),
    ].map((detail) => violation('failure-state', failure, detail));
    const cause = causeProblem(failure, sent.get(failure.text));
    return cause === undefined ? details : [...details, violation('unexplained-failure', failure, cause)];
  });
}

function causeProblem({ code }: FailureRow, send: SentMessage | undefined): string | undefined {
  if (send === undefined) return `no client sent it (${code})`;
  return EXPECTED_CODES[send.expected].includes(code) ? undefined : `${code} instead of ${send.expected}`;
}

function stateProblems(
  failure: FailureRow,
  actions: readonly OperatorAction[],
  anyReplay: boolean,
): string[] {
  const { state, resolution, replays, events } = failure;
  const wasTried = (kind: OperatorAction['kind']): boolean =>
    actions.some((action) => action.kind === kind && action.outcome !== 'conflict');
  const problems: string[] = [];
  if (state === 'replaying' || state === 'correcting') problems.push(`still ${state}`);
  if (state === 'discarded' && !wasTried('discard')) problems.push("discarded without an operator's action");
  if (resolution === 'superseded' && !wasTried('correct'))
    problems.push("corrected without an operator's action");
  if (replays > 0 && !anyReplay && !wasTried('replay'))
    problems.push("replayed without an operator's action");
  const replayed = events.filter((event) => event === 'replayed').length;
  if (replayed !== replays) problems.push(`${String(replays)} replays, ${String(replayed)} in its history`);
  if (events[0] !== 'failed') problems.push(`its history begins with ${String(events[0])}`);
  const last = resolution ?? (state === 'unresolved' ? 'failed' : state);
  if (events.at(-1) !== last) problems.push(`${last}, but its history ends with ${String(events.at(-1))}`);
  return problems;
}

function inboxProblems(
  { id, state, resolution }: FailureRow,
  actions: readonly OperatorAction[],
  storedIds: ReadonlySet<string>,
  storedTexts: ReadonlySet<string>,
): string[] {
  const problems: string[] = [];
  if ((resolution === 'stored') !== storedIds.has(id))
    problems.push(`${resolution ?? state}, but ${storedIds.has(id) ? '' : 'not '}in an inbox`);
  for (const { kind, outcome, text } of actions) {
    if (outcome !== 'done') continue;
    if (kind === 'discard' && state !== 'discarded') problems.push(`${state} after a confirmed discard`);
    if (kind === 'correct' && resolution !== 'superseded')
      problems.push(`${state} after a confirmed correction`);
    if (kind === 'correct' && text !== undefined && !storedTexts.has(text))
      problems.push(`its correction ${text} is in no inbox`);
  }
  return problems;
}

function actionsById(actions: readonly OperatorAction[]): ReadonlyMap<string, readonly OperatorAction[]> {
  const byId = new Map<string, OperatorAction[]>();
  for (const action of actions) {
    const found = byId.get(action.id);
    if (found) found.push(action);
    else byId.set(action.id, [action]);
  }
  return byId;
}

function violation(rule: Violation['rule'], { id, to, text }: FailureRow, detail: string): Violation {
  return { rule, inbox: to, detail: `failure ${id} of ${text.slice(0, 60)}: ${detail}` };
}
