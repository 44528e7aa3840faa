import type { InboxReader } from '../../application/ports/inbox-reader.js';
import type { StoredMessage } from '../../domain/message.js';
import { toStored } from './documents.js';
import type { MongoConnection } from './mongo-connection.js';

export class MongoInboxReader implements InboxReader {
  constructor(private readonly connection: MongoConnection) {}

  page(client: string, after: number, limit: number): Promise<readonly StoredMessage[]> {
    return this.connection.use('reads', async ({ messages }) => {
      // Numbers are above 0, and saying so lets the planner use the index of numbers, which has only stored ones.
      const filter = { to: client, number: { $gt: Math.max(after, 0) } };
      const options = {
        sort: { number: 1 as const },
        limit,
        batchSize: limit + 1,
        projection: { failure: 0 },
      };
      return (await messages.find(filter, options).toArray()).map(toStored);
    });
  }
}
