import { DependencyUnavailable } from '../../application/errors.js';
import type { InboxReader } from '../../application/ports/inbox-reader.js';
import type { StoredMessage } from '../../domain/message.js';
import type { EmbeddedStore } from './embedded-store.js';

export class EmbeddedInboxReader implements InboxReader {
  constructor(private readonly store: EmbeddedStore) {}

  page(client: string, after: number, limit: number): Promise<readonly StoredMessage[]> {
    const { byNumber, messages } = this.store.tables;
    try {
      const range = { start: [client, after + 1], end: [client, Infinity], limit };
      const rows = [...byNumber.getRange(range)].map(({ value }) => messages.get(value)?.stored);
      return Promise.resolve(rows.filter((row) => row !== undefined));
    } catch (error) {
      return Promise.reject(new DependencyUnavailable('store', error));
    }
  }
}
