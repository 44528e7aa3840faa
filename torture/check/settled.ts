import type { FailureRow, FinalState, History, Violation } from '../history.js';

/**
 * What must also hold once faults and traffic are over: readers have seen their inboxes whole, and a text that was too
 * long was stored by a replay, because the receivers take every text by then.
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

export function unreplayedFailures({ sends }: History, { failures }: FinalState): FailureRow[] {
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
