import type { FinalState, History, ReaderView, Violation } from '../history.js';

/** Checks that each reader received a prefix of the inbox, with no row skipped, repeated or out of order. */
export function checkViews({ views }: History, { inboxes }: FinalState): Violation[] {
  return views.flatMap((view) => {
    const rows = inboxes.get(view.inbox) ?? [];
    const wrong = view.rows.findIndex(({ text, cursor }, at) => {
      const row = rows[at];
      return row === undefined || row.text !== text || String(row.number) !== cursor;
    });
    return wrong < 0 ? [] : [violation(view, wrong, rows[wrong]?.text)];
  });
}

function violation({ reader, inbox, rows }: ReaderView, at: number, stored: string | undefined): Violation {
  const { cursor = '', text = '' } = rows[at] ?? {};
  const detail = `${reader} received ${text} as ${cursor}, where the inbox has ${stored ?? 'nothing'}`;
  return { rule: 'reader-view', inbox, detail };
}
