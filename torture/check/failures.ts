import type { FailureRow, FinalState, History, OperatorAct, SentMessage, Violation } from '../history.js';

/** The codes with which a send of each expectation may fail. */
const CODES: Readonly<Record<SentMessage['expected'], readonly string[]>> = {
  stored: [],
  'too-long': ['invalid-message'],
  invalid: ['invalid-message'],
  'reused-key': ['idempotency-key-reused'],
};

/**
 * Checks that every failure is caused by a sent message, and that its history and the operators' acts explain its
 * state.
 */
export function checkFailures(history: History, final: FinalState): Violation[] {
  const sent = new Map(history.sends.map((send) => [send.text, send]));
  const acts = actsById(history.acts);
  const stored = new Set([...final.inboxes.values()].flatMap((rows) => rows.map(({ id }) => id)));
  const texts = new Set([...final.inboxes.values()].flatMap((rows) => rows.map(({ text }) => text)));
  return [...final.failures.values()].flatMap((failure) => {
    const own = acts.get(failure.id) ?? [];
    const details = [
      ...stateProblems(failure, own, history.bulkReplays > 0),
      ...placeProblems(failure, own, stored, texts),
    ].map((detail) => violation('failure-state', failure, detail));
    const cause = causeProblem(failure, sent.get(failure.text));
    return cause === undefined ? details : [...details, violation('unexplained-failure', failure, cause)];
  });
}

function causeProblem({ code }: FailureRow, send: SentMessage | undefined): string | undefined {
  if (send === undefined) return `nobody sent it (${code})`;
  return CODES[send.expected].includes(code) ? undefined : `${code}, and it was to be ${send.expected}`;
}

function stateProblems(failure: FailureRow, acts: readonly OperatorAct[], anyReplay: boolean): string[] {
  const { state, resolution, replays, events } = failure;
  const wasTried = (kind: OperatorAct['kind']): boolean =>
    acts.some((act) => act.kind === kind && act.outcome !== 'conflict');
  const problems: string[] = [];
  if (state === 'replaying' || state === 'correcting') problems.push(`still ${state}`);
  if (state === 'discarded' && !wasTried('discard')) problems.push('discarded by no operator');
  if (resolution === 'superseded' && !wasTried('correct')) problems.push('corrected by no operator');
  if (replays > 0 && !anyReplay && !wasTried('replay')) problems.push('replayed by no operator');
  const replayed = events.filter((event) => event === 'replayed').length;
  if (replayed !== replays) problems.push(`${String(replays)} replays, ${String(replayed)} in its history`);
  if (events[0] !== 'failed') problems.push(`its history begins with ${String(events[0])}`);
  const last = resolution ?? (state === 'unresolved' ? 'failed' : state);
  if (events.at(-1) !== last) problems.push(`${last}, and its history ends with ${String(events.at(-1))}`);
  return problems;
}

function placeProblems(
  { id, state, resolution }: FailureRow,
  acts: readonly OperatorAct[],
  storedIds: ReadonlySet<string>,
  storedTexts: ReadonlySet<string>,
): string[] {
  const problems: string[] = [];
  if ((resolution === 'stored') !== storedIds.has(id))
    problems.push(`${resolution ?? state}, and ${storedIds.has(id) ? '' : 'not '}in an inbox`);
  for (const { kind, outcome, text } of acts) {
    if (outcome !== 'done') continue;
    if (kind === 'discard' && state !== 'discarded')
      problems.push(`${state} after a discard that was confirmed`);
    if (kind === 'correct' && resolution !== 'superseded')
      problems.push(`${state} after a confirmed correction`);
    if (kind === 'correct' && text !== undefined && !storedTexts.has(text))
      problems.push(`its correction ${text} is in no inbox`);
  }
  return problems;
}

function actsById(acts: readonly OperatorAct[]): ReadonlyMap<string, readonly OperatorAct[]> {
  const byId = new Map<string, OperatorAct[]>();
  for (const act of acts) {
    const found = byId.get(act.id);
    if (found) found.push(act);
    else byId.set(act.id, [act]);
  }
  return byId;
}

function violation(rule: Violation['rule'], { id, to, text }: FailureRow, detail: string): Violation {
  return { rule, inbox: to, detail: `failure ${id} of ${text.slice(0, 60)}: ${detail}` };
}
