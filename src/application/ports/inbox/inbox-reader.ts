import type { InboxState } from '../../../domain/inbox/inbox.js';
import type { StoredMessage } from '../../../domain/message.js';

/**
 * Reads inboxes by number, what is durable and nothing else. `page` gives up to `limit` messages with numbers above
 * `after`, rising; `after` 0 is the start. `numbers` gives what `page` would, as numbers alone. A number that is seen is seen by every later read, but one below it may
 * come into sight later only (see `rowsAfter`), and one that is swept goes. `state` of an inbox without mail is
 * `EMPTY_INBOX`. `lastNumbers` of those asked for has at least those that have mail, in one query.
 * `confirmedLast` is the last number of an inbox (0 without mail) as no stale copy shows it: at least that of every
 * read that ended before the call. It costs more than the others, and rejects where it takes longer than a few seconds.
 * All reject with `DependencyUnavailable`, `page`, `numbers` and `state` also with `QueryTooSlow`.
 */
export interface InboxReader {
  page(client: string, after: number, limit: number): Promise<readonly StoredMessage[]>;
  numbers(client: string, after: number, limit: number): Promise<readonly number[]>;
  state(client: string): Promise<InboxState>;
  lastNumbers(clients: readonly string[]): Promise<ReadonlyMap<string, number>>;
  confirmedLast(client: string): Promise<number>;
}
