import type { InboxReader } from '../../../application/ports/inbox.js';
import { EMPTY_INBOX, type InboxState } from '../../../domain/inbox/inbox.js';
import type { StoredMessage } from '../../../domain/message.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { readStore } from '../store/read-store.js';

export class EmbeddedInboxReader implements InboxReader {
  constructor(private readonly store: EmbeddedStore) {}

  page(client: string, after: number, limit: number): Promise<readonly StoredMessage[]> {
    const { byNumber, messages } = this.store.tables;
    return readStore(() => {
      const range = { start: [client, after + 1], end: [client, Infinity], limit };
      const rows = [...byNumber.getRange(range)].map(({ value }) => messages.get(value)?.stored);
      return rows.filter((row) => row !== undefined);
    });
  }

  numbers(client: string, after: number, limit: number): Promise<readonly number[]> {
    const range = { start: [client, after + 1], end: [client, Infinity], limit };
    return readStore(() =>
      [...this.store.tables.byNumber.getKeys(range)].map((key) => (key as [string, number])[1]),
    );
  }

  state(client: string): Promise<InboxState> {
    const { inboxes, readers } = this.store.tables;
    return readStore(() => ({
      ...(inboxes.get(client) ?? EMPTY_INBOX),
      read: readers.get(client)?.number ?? 0,
    }));
  }

  lastNumbers(clients: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { inboxes } = this.store.tables;
    return readStore(() => new Map(clients.map((client) => [client, inboxes.get(client)?.last ?? 0])));
  }

  /** The only copy of the data is never stale. */
  confirmedLast(client: string): Promise<number> {
    return readStore(() => this.store.tables.inboxes.get(client)?.last ?? 0);
  }
}
