import type { mongo } from 'mongoose';
import type { Archive, FailureQuery, FailureSummary, MessageQuery } from '../../application/ports/archive.js';
import { OPEN_STATES, type FailedMessage } from '../../domain/failed-message.js';
import type { Known } from '../../domain/fate.js';
import type { Holding } from '../../domain/message-life.js';
import type { MessageId, StoredMessage } from '../../domain/message.js';
import { documentId, toFailed, toHolding, toKnown, toStored, type MessageDocument } from './documents.js';
import type { MongoConnection } from './mongo-connection.js';

const BATCH_SIZE = 500;

export type Filter = mongo.Filter<MessageDocument>;

export class MongoArchive implements Archive {
  constructor(private readonly connection: MongoConnection) {}

  async *messages(query: MessageQuery): AsyncGenerator<StoredMessage> {
    for await (const found of this.rows(messageFilter(query), { sentAt: 1, _id: 1 }, { failure: 0 }, query))
      yield toStored(found);
  }

  async *failures(query: FailureQuery): AsyncGenerator<FailedMessage> {
    const filter = failureFilter(query);
    const projection = { content: 1, failure: 1 };
    for await (const found of this.rows(filter, { 'failure.sentAt': 1, _id: 1 }, projection, query)) {
      const failed = toFailed(found);
      if (failed) yield failed;
    }
  }

  find(id: MessageId): Promise<Holding | undefined> {
    return this.connection.use('reads', async ({ messages }) => {
      const found = await messages.findOne({ _id: documentId(id) });
      return found ? toHolding(found) : undefined;
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

  private rows(
    filter: Filter,
    sort: mongo.Sort,
    projection: mongo.Document,
    { limit }: MessageQuery,
  ): AsyncIterable<mongo.WithId<MessageDocument>> {
    const options = { sort, projection, batchSize: BATCH_SIZE, ...(limit !== undefined && { limit }) };
    return this.connection.rows(({ messages }) => messages.find(filter, options));
  }
}

/** Of what only failed there is no sentAt at the top: a comparison with a number leaves it out. */
export function messageFilter(query: MessageQuery): Filter {
  return listFilter(query, '');
}

export function failureFilter(query: FailureQuery): Filter {
  const { states, code, group } = query;
  return {
    'failure.state': { $in: [...states] },
    ...(code !== undefined && { 'failure.code': code }),
    ...(group !== undefined && { 'failure.group.key': group }),
    ...listFilter(query, 'failure.'),
  };
}

/** `at` is the prefix of the fields: failures keep theirs one level down. */
function listFilter({ from, to, since, until, after }: MessageQuery, at: '' | 'failure.'): Filter {
  const sentAt = `${at}sentAt`;
  const earliest = Math.max(since ?? -Infinity, after?.sentAt ?? -Infinity);
  return {
    ...(from !== undefined && { [`${at}from`]: from }),
    ...(to !== undefined && { [`${at}to`]: to }),
    [sentAt]: { $gte: earliest, ...(until !== undefined && { $lt: until }) },
    ...(after && { $or: [{ [sentAt]: { $gt: after.sentAt } }, { _id: { $gt: documentId(after.id) } }] }),
  };
}
