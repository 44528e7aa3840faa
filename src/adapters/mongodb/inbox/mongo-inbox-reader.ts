import type { mongo } from 'mongoose';
import type { InboxReader } from '../../../application/ports/inbox.js';
import type { InboxState } from '../../../domain/inbox/inbox.js';
import type { StoredMessage } from '../../../domain/message.js';
import { toStored } from '../schema/documents.js';
import { LIMITED, limited } from '../client/limited-reads.js';
import type { MongoConnection } from '../connection/mongo-connection.js';
import type { Filter } from './list-search.js';
import { SharedPages, type PageRequest } from './shared-pages.js';

const CONFIRMATION_MS = 2_000;

export class MongoInboxReader implements InboxReader {
  private readonly pages: SharedPages;

  constructor(private readonly connection: MongoConnection) {
    this.pages = new SharedPages({
      page: ({ client, after, limit }) =>
        this.find(numbersAfter(client, after), { sort: { number: 1 }, limit, batchSize: limit + 1 }),
      ranges: (requests) => {
        const batchSize = requests.reduce((rows, { limit }) => rows + limit, 1);
        return this.find({ $or: requests.map(numbersWithin) }, { batchSize });
      },
    });
  }

  page(client: string, after: number, limit: number): Promise<readonly StoredMessage[]> {
    return this.pages.page({ client, after, limit });
  }

  /** Reads only the index. */
  numbers(client: string, after: number, limit: number): Promise<readonly number[]> {
    return this.connection.use('reads', async ({ messages }) => {
      const projection = { _id: 0, number: 1 };
      const options = { sort: { number: 1 as const }, limit, batchSize: limit + 1, projection, ...LIMITED };
      const found = await limited(messages.find(numbersAfter(client, after), options).toArray());
      return found.map(({ number = 0 }) => number);
    });
  }

  state(client: string): Promise<InboxState> {
    return this.connection.use('reads', async ({ inboxes, readers }) => {
      // The read position first, so that the last number, which is read later, is never below it.
      const reader = await limited(
        readers.findOne({ _id: client }, { projection: { number: 1 }, ...LIMITED }),
      );
      const inbox = await limited(
        inboxes.findOne({ _id: client }, { projection: { first: 1, last: 1 }, ...LIMITED }),
      );
      return { first: inbox?.first ?? 1, last: inbox?.last ?? 0, read: reader?.number ?? 0 };
    });
  }

  lastNumbers(clients: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.connection.use('reads', async ({ inboxes }) => {
      const found = await inboxes
        .find({ _id: { $in: [...clients] } }, { projection: { last: 1 }, batchSize: clients.length + 1 })
        .toArray();
      return new Map(found.map(({ _id, last = 0 }) => [_id, last]));
    });
  }

  private find(filter: Filter, options: mongo.FindOptions): Promise<readonly StoredMessage[]> {
    return this.connection.use('reads', async ({ messages }) => {
      const whole = { projection: { failure: 0 }, ...options, ...LIMITED };
      return (await limited(messages.find(filter, whole).toArray())).map(toStored);
    });
  }

  /**
   * A primary that has been replaced answers majority reads for a while; a linearizable read needs a majority. If
   * it is not confirmed in time, that is an outage, unlike a slow read.
   */
  confirmedLast(client: string): Promise<number> {
    return this.connection.use('reads', async ({ inboxes }) => {
      const inbox = await inboxes.findOne(
        { _id: client },
        { projection: { last: 1 }, readConcern: 'linearizable', maxTimeMS: CONFIRMATION_MS },
      );
      return inbox?.last ?? 0;
    });
  }
}

/**
 * All numbers are above 0. The condition lets the planner use the index of numbers, which contains only stored
 * messages.
 */
function numbersAfter(client: string, after: number) {
  return { to: client, number: { $gt: Math.max(after, 0) } };
}

function numbersWithin({ client, after, limit }: PageRequest) {
  const { to, number } = numbersAfter(client, after);
  return { to, number: { ...number, $lte: after + limit } };
}
