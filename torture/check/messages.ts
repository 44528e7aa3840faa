import type { FinalState, History, SentMessage, StoredRow, Violation } from '../history.js';

interface Place {
  readonly inbox: string;
  readonly row: StoredRow;
}

/** Checks that no acknowledged message is lost, and that none is stored twice or should not be stored. */
export function checkMessages({ sends, acts }: History, final: FinalState): Violation[] {
  const places = placesByText(final);
  const failedTexts = new Set([...final.failures.values()].map(({ text }) => text));
  const corrections = acts.flatMap(({ text }) => text ?? []);
  const known = new Set([...sends.map(({ text }) => text), ...corrections]);
  return [
    ...sends.flatMap((send) => checkSend(send, places.get(send.text) ?? [], failedTexts)),
    ...[...places].flatMap(([text, found]) => [
      ...(found.length > 1 ? [doubled(text, found)] : []),
      ...(known.has(text) ? [] : [phantom(found[0], `${text} was never sent`)]),
    ]),
    ...sharedIds(final),
  ];
}

function checkSend(send: SentMessage, places: readonly Place[], failed: ReadonlySet<string>): Violation[] {
  const { text, to, from, outcome, id } = send;
  if (places.length === 0) {
    if (outcome !== 'accepted' || failed.has(text)) return [];
    return [{ rule: 'lost', inbox: to, detail: `${text} was acknowledged as ${id ?? '?'}` }];
  }
  const found: Violation[] = [];
  if (outcome === 'not-sent' || outcome === 'rejected')
    found.push(phantom(places[0], `${text} was answered ${outcome}, and is stored`));
  for (const { inbox, row } of places) {
    const isTheSame = inbox === to && row.from === from && (id === undefined || row.id === id);
    if (!isTheSame)
      found.push(phantom({ inbox, row }, `${text} for ${to} is stored as ${JSON.stringify(row)}`));
  }
  return found;
}

function placesByText({ inboxes }: FinalState): ReadonlyMap<string, readonly Place[]> {
  const places = new Map<string, Place[]>();
  for (const [inbox, rows] of inboxes) {
    for (const row of rows) {
      const found = places.get(row.text);
      if (found) found.push({ inbox, row });
      else places.set(row.text, [{ inbox, row }]);
    }
  }
  return places;
}

/** Finds ids that are used by more than one message or in more than one inbox. */
function sharedIds({ inboxes }: FinalState): Violation[] {
  const seen = new Map<string, string>();
  const found: Violation[] = [];
  for (const [inbox, rows] of inboxes) {
    for (const { id, number } of rows) {
      const before = seen.get(id);
      if (before !== undefined)
        found.push({ rule: 'doubled', inbox, detail: `${id} is ${before} and ${inbox}/${String(number)}` });
      seen.set(id, `${inbox}/${String(number)}`);
    }
  }
  return found;
}

function doubled(text: string, places: readonly Place[]): Violation {
  const where = places.map(({ inbox, row }) => `${inbox}/${String(row.number)} (${row.id})`).join(' and ');
  return { rule: 'doubled', inbox: places[0]?.inbox ?? '', detail: `${text} is stored as ${where}` };
}

function phantom(place: Place | undefined, detail: string): Violation {
  return { rule: 'phantom', inbox: place?.inbox ?? '', detail };
}
