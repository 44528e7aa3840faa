import type { MessageId } from '../../domain/message.js';
import type { ListCursor } from '../ports/archive.js';

/** What determines the place of a row in its list. Either all rows of a list have a number or none has. */
export interface Placed {
  readonly sentAt: number;
  readonly number?: number;
  readonly id: MessageId;
}

/** Compares rows in the order of lists: (sentAt, number, id), or (sentAt, id) without numbers. */
export function inListOrder(a: Placed, b: Placed): number {
  return a.sentAt - b.sentAt || (a.number ?? 0) - (b.number ?? 0) || compareIds(a.id, b.id);
}

/** Collects the places of rows, holding one row at a time in memory. */
export async function placesOf(rows: AsyncIterable<Placed>): Promise<Placed[]> {
  const places: Placed[] = [];
  for await (const { sentAt, number, id } of rows) {
    places.push({ sentAt, id, ...(number !== undefined && { number }) });
  }
  return places;
}

/** Reports whether a row comes after the cursor and is not excluded by it. */
export function isAfter(row: Placed, cursor: ListCursor): boolean {
  if (row.sentAt !== cursor.sentAt) return row.sentAt > cursor.sentAt;
  if (cursor.number === undefined) return row.id > cursor.id;
  return row.id > (cursor.idsAbove ?? '') && inListOrder(row, cursor) > 0;
}

/** Returns the cursor of a row in a list that began after `after`. */
export function cursorAt({ sentAt, number, id }: Placed, after?: ListCursor): ListCursor {
  if (number === undefined) return { sentAt, id };
  const idsAbove = after?.sentAt === sentAt ? idsListedBelow(after) : undefined;
  return { sentAt, number, id, ...(idsAbove !== undefined && { idsAbove }) };
}

function idsListedBelow({ number, id, idsAbove }: ListCursor): MessageId | undefined {
  return number === undefined ? id : idsAbove;
}

function compareIds(a: MessageId, b: MessageId): number {
  return a < b ? -1 : Number(a > b);
}
