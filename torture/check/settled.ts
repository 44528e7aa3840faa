import type { FailureRow, FinalState, History, Violation } from '../history.js';

/**
 * Checks what must also hold when faults and traffic are over: readers have received their complete inboxes,
 * and replays have stored the texts that were too long, because the receivers then accept texts of every
 * length.
 */
export function checkSettled(history: History, final: FinalState): Violation[] {
  return [...checkCompleteViews(history, final), ...checkReplays(history, final)];
}

export function checkReplays(history: History, final: FinalState): Violation[] {
  const unreplayed = unreplayedFailures(history, final);
  return unreplayed.map(({ id, to }) => ({
    rule: 'failure-state',
    inbox: to,
    detail: `${id} was not replayed`,
  }));
}

function unreplayedFailures({ sends }: History, { failures }: FinalState): FailureRow[] {
  const tooLong = new Set(sends.flatMap(({ text, expected }) => (expected === 'too-long' ? text : [])));
  return [...failures.values()].filter(({ state, text }) => state === 'unresolved' && tooLong.has(text));
}

function checkCompleteViews({ views }: History, { inboxes }: FinalState): Violation[] {
  return views.flatMap(({ reader, inbox, rows }) => {
    const length = inboxes.get(inbox)?.length ?? 0;
    if (rows.length === length) return [];
    const detail = `${reader} received ${String(rows.length)} of ${String(length)}`;
    return [{ rule: 'reader-view' as const, inbox, detail }];
  });
}
