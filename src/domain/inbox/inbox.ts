import type { StoredMessage } from '../message.js';

/**
 * A client's inbox in numbers. Those from `first` to `last` are kept, none is missing between; up to `read` its
 * client has read. `last` is 0 while nothing has come.
 */
export interface InboxState {
  readonly first: number;
  readonly last: number;
  readonly read: number;
}

export const EMPTY_INBOX: InboxState = { first: 1, last: 0, read: 0 };

/**
 * Where reading without a cursor begins. A position beyond the last number was made in an inbox that is gone, so
 * everything is unread.
 */
export function readUpTo({ last, read }: Pick<InboxState, 'last' | 'read'>): number {
  return read <= last ? read : 0;
}

export function unreadIn(state: InboxState): number {
  return state.last - Math.max(readUpTo(state), state.first - 1);
}

/** A cursor lies beyond the last number of its inbox, which was restored from an older copy or begun anew. */
export class CursorAhead extends Error {
  override readonly name = 'CursorAhead';
  readonly code = 'cursor-ahead';

  constructor() {
    super('The inbox ends before this cursor. Read again without a cursor, or from the start with after=0.');
  }
}

/** A message of an inbox, or as much of it as tells where it is. */
export type Numbered = Pick<StoredMessage, 'number'>;

/** What a reader gets who has seen everything up to a number. */
export interface InboxRows<T extends Numbered = StoredMessage> {
  readonly messages: readonly T[];
  /** Where to go on. */
  readonly next: number;
  /** Something after the reader's cursor is not kept any more. */
  readonly expired: boolean;
  /** A lower number is still to be seen: nothing may be passed on before it. */
  readonly isPremature: boolean;
}

/**
 * The rows of one read that may be passed on: numbers rise from the cursor without a gap, but for what was swept. A
 * read of a database in motion may show a number before the one below it; whoever got it would never see that one.
 * `rows` are all above `after`, and `first` was read after them.
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
