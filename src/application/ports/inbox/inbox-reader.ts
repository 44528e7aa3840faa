import type { InboxState } from '../../../domain/inbox/inbox.js';
import type { StoredMessage } from '../../../domain/message.js';

/**
 * Reads inboxes by number. It returns only durable messages.
 *
 * `page` returns up to `limit` messages with numbers above `after`, ascending; 0 is the start. `numbers` returns
 * only the numbers of such a page. Later reads see every number that a read has seen, unless it is swept. A number
 * may become visible before a lower one (see `rowsAfter`).
 *
 * `state` of an inbox without messages is `EMPTY_INBOX`. `lastNumbers` returns, in one query, at least the
 * requested inboxes that have messages.
 *
 * `confirmedLast` returns the last number of an inbox (0 without messages), never from a stale copy: at least the
 * number that any read completed before the call has seen. It costs more than the other methods, and rejects if it
 * takes longer than a few seconds.
 *
 * All methods reject with `DependencyUnavailable`; `page`, `numbers` and `state` also with `QueryTooSlow`.
 */
export interface InboxReader {
  page(client: string, after: number, limit: number): Promise<readonly StoredMessage[]>;
  numbers(client: string, after: number, limit: number): Promise<readonly number[]>;
  state(client: string): Promise<InboxState>;
  lastNumbers(clients: readonly string[]): Promise<ReadonlyMap<string, number>>;
  confirmedLast(client: string): Promise<number>;
}
