import type { StoredMessage } from '../message.js';

/**
 * The numbers of a client's inbox. Messages `first` to `last` are kept, without gaps; the client has read up to
 * `read`. `last` is 0 if no message has arrived.
 */
export interface InboxState {
  readonly first: number;
  readonly last: number;
  readonly read: number;
}

export const EMPTY_INBOX: InboxState = { first: 1, last: 0, read: 0 };

/**
 * Returns the number after which reading without a cursor begins. A read position beyond the last number belongs to
 * an earlier inbox that was lost, so everything is unread.
 */
export function readUpTo({ last, read }: Pick<InboxState, 'last' | 'read'>): number {
  return read <= last ? read : 0;
}

export function unreadIn(state: InboxState): number {
  return state.last - Math.max(readUpTo(state), state.first - 1);
}

/** The cursor is beyond the last number of its inbox, which was restored from an older copy or recreated. */
export class CursorAhead extends Error {
  override readonly name = 'CursorAhead';
  readonly code = 'cursor-ahead';

  constructor() {
    super('The inbox ends before this cursor. Read again without a cursor, or from the start with after=0.');
  }
}

/** A message of an inbox, or only its number. */
export type Numbered = Pick<StoredMessage, 'number'>;

/** The rows for a reader that has seen everything up to a number. */
export interface InboxRows<T extends Numbered = StoredMessage> {
  readonly messages: readonly T[];
  /** The cursor of the next read. */
  readonly next: number;
  /** Messages after the reader's cursor were swept. */
  readonly expired: boolean;
  /** A lower number is not visible yet, so no row may be returned before it is. */
  readonly isPremature: boolean;
}

/**
 * Selects the rows of one read that may be returned: their numbers ascend from the cursor without gaps, except for
 * swept ones. A read during concurrent writes may show a number before the one below it, and a reader that received
 * it would skip the lower one. All `rows` are above `after`, and `first` was read after them.
 */
export function rowsAfter<T extends Numbered>(
  after: number,
  rows: readonly T[],
  first: number,
): InboxRows<T> {
  const start = Math.max(after, first - 1);
  const begin = rows[0]?.number ?? start + 1;
  const expired = begin > after + 1;
  if (begin > start + 1) return { messages: [], next: start, expired, isPremature: true };
  const messages = rows.filter(({ number }, at) => number === begin + at);
  return { messages, next: messages.at(-1)?.number ?? start, expired, isPremature: false };
}
