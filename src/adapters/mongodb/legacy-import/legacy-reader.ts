import type { mongo } from 'mongoose';
import type { ListCursor, MessageQuery } from '../../../application/ports/archive.js';
import type { Clock } from '../../../application/ports/clock.js';
import type { MessageId } from '../../../domain/message.js';
import { documentId, type MessageDocument } from '../schema/documents.js';
import type { LegacyDocument, LegacyFailure } from './legacy-documents.js';
import { inOrder } from './legacy-order.js';
import { LIMITED, limited } from '../client/limited-reads.js';
import type { MongoConnection } from '../connection/mongo-connection.js';

/** How long a collection that was found empty is assumed to stay empty. */
const EMPTY_FOR_MS = 5_000;
const BATCH_SIZE = 500;

/** A document with the time by which the server sorted it. */
export interface SortedDocument extends LegacyFailure {
  readonly sentAt: number;
}

/** Reads one collection of the legacy service in the order of (sentAt, id). */
export class LegacyReader {
  private emptyUntil = -Infinity;

  constructor(
    private readonly connection: MongoConnection,
    private readonly name: string,
    private readonly clock: Pick<Clock, 'elapsed'>,
  ) {}

  /**
   * Reports whether the collection has documents. If it is empty or missing, it is not queried again for a few
   * seconds, so that lists cost nothing more without a legacy service or after the import.
   */
  async hasAny(): Promise<boolean> {
    if (this.clock.elapsed() < this.emptyUntil) return false;
    const any = await this.connection.use('reads', ({ client }) =>
      this.collection(client).findOne({}, { projection: { _id: 1 } }),
    );
    if (any === null) this.emptyUntil = this.clock.elapsed() + EMPTY_FOR_MS;
    return any !== null;
  }

  async find(id: MessageId): Promise<LegacyFailure | undefined> {
    if (!(await this.hasAny())) return undefined;
    return this.connection.use('reads', async ({ client }) => {
      const found = await limited(this.collection(client).findOne({ _id: documentId(id) }, LIMITED));
      return found ?? undefined;
    });
  }

  /**
   * Yields documents for as long as the caller takes them; a `limit` in the query is the number that the server
   * finds at once. Leaves out documents whose ids are in our own collection, unless `ours` selects them there: then
   * our list may have them too, and the merge lists them once.
   */
  async *sorted(query: MessageQuery, ours: mongo.Filter<MessageDocument>): AsyncGenerator<SortedDocument> {
    let next: MessageQuery | undefined = query;
    while (next) {
      let read = 0;
      let last: SortedDocument | undefined;
      for await (const batch of batches(this.rows(next))) {
        read += batch.length;
        last = batch.at(-1);
        const elsewhere = await this.elsewhere(batch, ours);
        yield* batch.filter(({ _id }) => !elsewhere.has(_id.toHexString()));
      }
      next = last && read === query.limit ? { ...query, after: cursorOf(last) } : undefined;
    }
  }

  private rows(query: MessageQuery): AsyncIterable<SortedDocument> {
    return this.connection.rows(({ client }) =>
      this.collection(client).aggregate<SortedDocument>(inOrder(query), {
        allowDiskUse: true,
        batchSize: BATCH_SIZE,
      }),
    );
  }

  private elsewhere(
    batch: readonly SortedDocument[],
    ours: mongo.Filter<MessageDocument>,
  ): Promise<ReadonlySet<MessageId>> {
    return this.connection.use('reads', async ({ messages }) => {
      const ids = { $in: batch.map(({ _id }) => _id) };
      const found = await messages.find({ _id: ids, $nor: [ours] }, { projection: { _id: 1 } }).toArray();
      return new Set(found.map(({ _id }) => _id.toString()));
    });
  }

  private collection(client: mongo.MongoClient): mongo.Collection<LegacyDocument> {
    return client.db().collection<LegacyDocument>(this.name);
  }
}

function cursorOf({ sentAt, _id }: SortedDocument): ListCursor {
  return { sentAt, id: _id.toHexString() };
}

async function* batches<T>(rows: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH_SIZE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
