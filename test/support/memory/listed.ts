import { inListOrder, isAfter, type Placed } from '../../../src/application/inbox/list-order.js';
import type { MessageQuery } from '../../../src/application/ports/archive.js';
import type { Message } from '../../../src/domain/message.js';

/** The rows that match the query, in the order of its list. */
export function listed<T extends Message & Placed>(rows: Iterable<T>, query: MessageQuery): T[] {
  return [...rows]
    .filter((row) => matches(row, query))
    .sort(inListOrder)
    .slice(0, query.limit);
}

function matches(row: Message & Placed, { from, to, since, until, after }: MessageQuery): boolean {
  return (
    (from === undefined || row.from === from) &&
    (to === undefined || row.to === to) &&
    (since === undefined || row.sentAt >= since) &&
    (until === undefined || row.sentAt < until) &&
    (after === undefined || isAfter(row, after))
  );
}
