import type { InboxState } from '../../domain/inbox/inbox.js';
import type { StoredMessage } from '../../domain/message.js';
import type { ReadPosition } from '../../domain/inbox/message-status.js';

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

/**
 * Called with the client whose inbox changed; without a client, any inbox may have changed. `last` is the inbox's
 * last number: a reader that has read up to it has nothing new to read. It is absent if the inbox may have been
 * recreated or may have lost its oldest messages.
 */
export type InboxListener = (client?: string, last?: number) => void;

/**
 * Signals that a message was stored in an inbox, or a failure of that inbox recorded, soon after the commit,
 * whichever process made it. A signal may be late, repeated, spurious, or stand for several changes. After a gap,
 * every listener is called without a client. Listeners return at once and never throw. The returned function ends
 * the subscription, and may be called twice.
 */
export interface InboxSignals {
  subscribe(listener: InboxListener): () => void;
}

/**
 * Stores how far clients have read.
 *
 * `advance` moves a position forward to `through`, never back and never past the inbox's last number, even if other
 * processes move it concurrently. Resolves when it is durable. It never delays a delivery or conflicts with one.
 *
 * `of` returns the position and the time of its last move; undefined if nothing was read.
 *
 * Both reject with `DependencyUnavailable`.
 */
export interface ReadPositions {
  advance(client: string, through: number): Promise<void>;
  of(client: string): Promise<ReadPosition | undefined>;
}
