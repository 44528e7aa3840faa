import type { StoredMessage } from '../../domain/message.js';

/**
 * Reads one client's inbox by number. Who has seen number n never finds a lower one later that was not there
 * before: a page shows numbers from `after + 1` on, rising, without gaps. `after` 0 is the start.
 * Rejects with `DependencyUnavailable`.
 */
export interface InboxReader {
  page(client: string, after: number, limit: number): Promise<readonly StoredMessage[]>;
}
