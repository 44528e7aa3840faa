import { mongo } from 'mongoose';
import { INBOXES, MESSAGES } from '../../src/adapters/mongodb/schema/schemas.js';
import type { InboxDocument, MessageDocument } from '../../src/adapters/mongodb/schema/documents.js';
import { numberOf, textOf } from '../load/payload.js';
import { StoredCounts } from '../sent-messages.js';

/** Reads what the program has stored, directly from the database. */
export class StoredMessages {
  private readonly client: mongo.MongoClient;
  private readonly database: mongo.Db;

  constructor(uri: string) {
    this.client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 60_000 });
    this.database = this.client.db();
  }

  /** Counts stored messages as the sum of the inboxes' last numbers, because numbers have no gaps. */
  async count(): Promise<number> {
    const pipeline = [{ $group: { _id: null, count: { $sum: '$last' } } }];
    const [total] = await this.database
      .collection<InboxDocument>(INBOXES)
      .aggregate<{ count: number }>(pipeline)
      .toArray();
    return total?.count ?? 0;
  }

  /** Resolves when `count` messages are stored. Rejects if that takes longer than the timeout. */
  async waitForCount(count: number, timeoutMs: number): Promise<void> {
    for (const deadline = Date.now() + timeoutMs; ;) {
      const startedAt = performance.now();
      const stored = await this.count();
      if (stored >= count) return;
      if (Date.now() > deadline) throw new Error(`${stored} messages are stored, not ${count}.`);
      // Pause, so that counting tens of thousands of inboxes does not become the store's main work.
      const pauseMs = Math.max(25, 10 * (performance.now() - startedAt));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** Estimates the number of documents, which is the number of failures if no message is stored. */
  estimateFailures(): Promise<number> {
    return this.database.collection<MessageDocument>(MESSAGES).estimatedDocumentCount();
  }

  /** Counts the messages that have failed exactly once. */
  countFailedOnce(): Promise<number> {
    return this.database.collection<MessageDocument>(MESSAGES).countDocuments({ 'failure.failures': 1 });
  }

  /** Counts how often each message number is stored. */
  async countByNumber(): Promise<StoredCounts> {
    const counts = new StoredCounts();
    const pipeline = [
      { $match: { number: { $exists: true } } },
      { $project: { _id: 0, text: { $substrBytes: ['$message', 0, textOf(0).indexOf(' ')] } } },
    ];
    const found = this.database
      .collection<MessageDocument>(MESSAGES)
      .aggregate<{ text: string }>(pipeline, { batchSize: 20_000 });
    for await (const { text } of found) counts.add(numberOf(text));
    return counts;
  }

  /** Reads the last number of each inbox. */
  async lastNumbers(): Promise<ReadonlyMap<string, number>> {
    const found = await this.database.collection<InboxDocument>(INBOXES).find().toArray();
    return new Map(found.map(({ _id, last = 0 }) => [_id, last]));
  }

  /** Reads the inbox and inbox number of each message, by the number in its text. */
  async inboxPositions(): Promise<ReadonlyMap<number, { readonly client: string; readonly number: number }>> {
    const found = await this.database.collection<MessageDocument>(MESSAGES).find().toArray();
    return new Map(
      found.map(({ to = '', number = 0, message = '' }) => [numberOf(message), { client: to, number }]),
    );
  }

  async drop(): Promise<void> {
    await this.database.dropDatabase();
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}
