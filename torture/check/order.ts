import type { FinalState, History, SentMessage, StoredRow, Violation } from '../history.js';

/**
 * Checks, across all senders and api processes, that a message that was acknowledged before the first attempt
 * of another one precedes it in the inbox. Ignores messages that have failed, because a replay stores them at
 * a later place.
 */
export function checkOrder({ sends }: History, { inboxes, failures }: FinalState): Violation[] {
  const sent = new Map(sends.map((send) => [send.text, send]));
  return [...inboxes].flatMap(([inbox, rows]) =>
    outOfOrder(
      inbox,
      rows.flatMap((row) => (failures.has(row.id) ? [] : (sent.get(row.text) ?? []))),
    ),
  );
}

function outOfOrder(inbox: string, sends: readonly SentMessage[]): Violation[] {
  const violations: Violation[] = [];
  let latest: SentMessage | undefined;
  for (const send of sends) {
    if (latest && send.outcome === 'accepted' && send.endedAt < latest.startedAt) {
      const detail = `${send.text} was acknowledged before ${latest.text} was sent, but comes after it`;
      violations.push({ rule: 'out-of-order', inbox, detail });
    }
    if (!latest || send.startedAt > latest.startedAt) latest = send;
  }
  return violations;
}

/** Checks that the numbers of each inbox run from 1 without gaps to the last number in its inbox document. */
export function checkNumbers({ inboxes, lastNumbers }: FinalState): Violation[] {
  const names = new Set([...inboxes.keys(), ...lastNumbers.keys()]);
  return [...names].flatMap((inbox) => {
    const rows = inboxes.get(inbox) ?? [];
    const wrong = rows.findIndex(({ number }, at) => number !== at + 1);
    if (wrong >= 0) return [gap(inbox, `number ${String(wrong + 1)} is missing or duplicated`, rows[wrong])];
    const last = lastNumbers.get(inbox) ?? 0;
    return last === rows.length
      ? []
      : [gap(inbox, `${String(rows.length)} rows, last number ${String(last)}`)];
  });
}

function gap(inbox: string, what: string, row?: StoredRow): Violation {
  const detail = row === undefined ? what : `${what}, at ${row.text} (${String(row.number)})`;
  return { rule: 'number-gap', inbox, detail };
}
