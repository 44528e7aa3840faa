import type { mongo } from 'mongoose';
import {
  type Archive,
  type FailureQuery,
  type FailureSummary,
  type ListedMessage,
  type ListPlace,
  type MessageQuery,
} from '../../../application/ports/archive.js';
import { OPEN_STATES, type FailedMessage } from '../../../domain/failures/failed-message.js';
import type { Known } from '../../../domain/delivery/fate.js';
import type { Holding } from '../../../domain/inbox/message-status.js';
import type { MessageId } from '../../../domain/message.js';
import {
  documentId,
  toFailed,
  toHolding,
  toKnown,
  toStored,
  type MessageDocument,
} from '../schema/documents.js';
import { LIMITED, limited, limitedRows } from '../client/limited-reads.js';
import { conflictSearch, failureSearch, messageSearch, type Search } from './list-search.js';
import type { MongoConnection } from '../connection/mongo-connection.js';

export class MongoArchive implements Archive {
  constructor(private readonly connection: MongoConnection) {}

  /**
   * Reports whether a list is in the order by number. It is not while the indexes for that are being built, unless
   * its cursor has a number.
   */
  isByNumber({ after }: MessageQuery): boolean {
    return this.connection.listIndexes.areBuilt || after?.number !== undefined;
  }

  async *messages(query: MessageQuery, isByNumber = this.isByNumber(query)): AsyncGenerator<ListedMessage> {
    for await (const found of this.rows(messageSearch(query, isByNumber))) {
      const { number, ...message } = toStored(found);
      yield isByNumber ? { ...message, number } : message;
    }
  }

  async *failures(query: FailureQuery): AsyncGenerator<FailedMessage> {
    for await (const found of this.rows(failureSearch(query))) {
      const failed = toFailed(found);
      if (failed) yield failed;
    }
  }

  messagePlaces(query: MessageQuery): Promise<readonly ListPlace[]> {
    const isByNumber = this.isByNumber(query);
    const search = messageSearch(query, isByNumber);
    return this.places(search, { sentAt: 1, number: 1 }, ({ _id, sentAt = 0, number = 0 }) => ({
      ...{ sentAt, id: _id.toString() },
      ...(isByNumber && { number }),
    }));
  }

  failurePlaces(query: FailureQuery): Promise<readonly ListPlace[]> {
    return this.places(failureSearch(query), { 'failure.sentAt': 1 }, ({ _id, failure }) => ({
      sentAt: failure?.sentAt ?? 0,
      id: _id.toString(),
    }));
  }

  find(id: MessageId): Promise<Holding | undefined> {
    return this.connection.use('reads', async ({ messages }) => {
      const found = await limited(messages.findOne({ _id: documentId(id) }, LIMITED));
      return found ? toHolding(found) : undefined;
    });
  }

  /** Returns none while the index for conflicts is being built. */
  conflicts(id: MessageId): Promise<readonly MessageId[]> {
    if (!this.connection.listIndexes.areBuilt) return Promise.resolve([]);
    return this.connection.use('reads', async ({ messages }) => {
      const { filter, options } = conflictSearch(id);
      const found = await limited(messages.find(filter, options).toArray());
      return found.map(({ _id }) => _id.toString());
    });
  }

  known(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, Known>> {
    return this.connection.use('reads', async ({ messages }) => {
      const projection = { content: 1, number: 1, failure: 1 };
      const found = await messages.find({ _id: { $in: ids.map(documentId) } }, { projection }).toArray();
      return new Map(found.map((document) => [document._id.toString(), toKnown(document)]));
    });
  }

  summary(): Promise<FailureSummary> {
    return this.connection.use('reads', async ({ messages }) => {
      const open = await messages.countDocuments({ 'failure.state': { $in: [...OPEN_STATES] } });
      const oldest = await messages.findOne(
        { 'failure.state': 'unresolved' },
        { sort: { 'failure.failedAt': 1 }, projection: { 'failure.failedAt': 1 } },
      );
      return { open, ...(oldest?.failure && { oldestFailedAt: oldest.failure.failedAt }) };
    });
  }

  private places(
    { filter, options }: Search,
    projection: Readonly<Record<string, 1>>,
    placeOf: (found: mongo.WithId<MessageDocument>) => ListPlace,
  ): Promise<readonly ListPlace[]> {
    return this.connection.use('reads', async ({ messages }) => {
      const found = await limited(messages.find(filter, { ...options, projection }).toArray());
      return found.map(placeOf);
    });
  }

  private rows({ filter, options }: Search): AsyncIterable<mongo.WithId<MessageDocument>> {
    return this.connection.rows(({ messages }) => {
      const found = messages.find(filter, options);
      return options.maxTimeMS === undefined ? found : limitedRows(found);
    });
  }
}
