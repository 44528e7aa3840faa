import type { FinalState, History, SentMessage, StoredRow, Violation } from '../history.js';

interface StoredCopy {
  readonly inbox: string;
  readonly row: StoredRow;
}

/**
 * Checks that no acknowledged message is lost, that none is stored twice, and that none is stored that should
 * not be.
 */
export function checkMessages({ sends, actions }: History, final: FinalState): Violation[] {
  const copies = copiesByText(final);
  const failedTexts = new Set([...final.failures.values()].map(({ text }) => text));
  const corrections = actions.flatMap(({ text }) => text ?? []);
  const known = new Set([...sends.map(({ text }) => text), ...corrections]);
  return [
    ...sends.flatMap((send) => checkSend(send, copies.get(send.text) ?? [], failedTexts)),
    ...[...copies].flatMap(([text, violations]) => [
      ...(violations.length > 1 ? [duplicate(text, violations)] : []),
      ...(known.has(text) ? [] : [phantom(violations[0], `${text} was never sent`)]),
    ]),
    ...sharedIds(final),
  ];
}

function checkSend(
  send: SentMessage,
  copies: readonly StoredCopy[],
  failed: ReadonlySet<string>,
): Violation[] {
  const { text, to, from, outcome, id } = send;
  if (copies.length === 0) {
    if (outcome !== 'accepted' || failed.has(text)) return [];
    return [{ rule: 'lost', inbox: to, detail: `${text} was acknowledged as ${id ?? '?'}` }];
  }
  const violations: Violation[] = [];
  if (outcome === 'not-sent' || outcome === 'rejected')
    violations.push(phantom(copies[0], `${text} was answered ${outcome} but is stored`));
  for (const { inbox, row } of copies) {
    const isAsSent = inbox === to && row.from === from && (id === undefined || row.id === id);
    if (!isAsSent)
      violations.push(phantom({ inbox, row }, `${text} for ${to} is stored as ${JSON.stringify(row)}`));
  }
  return violations;
}

function copiesByText({ inboxes }: FinalState): ReadonlyMap<string, readonly StoredCopy[]> {
  const copies = new Map<string, StoredCopy[]>();
  for (const [inbox, rows] of inboxes) {
    for (const row of rows) {
      const violations = copies.get(row.text);
      if (violations) violations.push({ inbox, row });
      else copies.set(row.text, [{ inbox, row }]);
    }
  }
  return copies;
}

/** Finds ids that are used by more than one message or in more than one inbox. */
function sharedIds({ inboxes }: FinalState): Violation[] {
  const seen = new Map<string, string>();
  const violations: Violation[] = [];
  for (const [inbox, rows] of inboxes) {
    for (const { id, number } of rows) {
      const before = seen.get(id);
      if (before !== undefined)
        violations.push({
          rule: 'duplicate',
          inbox,
          detail: `${id} is ${before} and ${inbox}/${String(number)}`,
        });
      seen.set(id, `${inbox}/${String(number)}`);
    }
  }
  return violations;
}

function duplicate(text: string, copies: readonly StoredCopy[]): Violation {
  const locations = copies
    .map(({ inbox, row }) => `${inbox}/${String(row.number)} (${row.id})`)
    .join(' and ');
  return { rule: 'duplicate', inbox: copies[0]?.inbox ?? '', detail: `${text} is stored as ${locations}` };
}

function phantom(copy: StoredCopy | undefined, detail: string): Violation {
  return { rule: 'phantom', inbox: copy?.inbox ?? '', detail };
}
