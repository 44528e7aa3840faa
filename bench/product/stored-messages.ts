import { mongo } from 'mongoose';
import { INBOXES, MESSAGES } from '../../src/adapters/mongodb/schema/schemas.js';
import type { InboxDocument, MessageDocument } from '../../src/adapters/mongodb/schema/documents.js';
import { numberOf, textOf } from '../load/payload.js';
import { StoredCounts } from '../sent-messages.js';

/** What the program has stored, looked at past the program. */
export class StoredMessages {
  private readonly client: mongo.MongoClient;
  private readonly database: mongo.Db;

  constructor(uri: string) {
    this.client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 60_000 });
    this.database = this.client.db();
  }

  /** Each stored message has the next number of its inbox, so that the last numbers tell how many there are. */
  async count(): Promise<number> {
    const pipeline = [{ $group: { _id: null, count: { $sum: '$last' } } }];
    const [all] = await this.database
      .collection<InboxDocument>(INBOXES)
      .aggregate<{ count: number }>(pipeline)
      .toArray();
    return all?.count ?? 0;
  }

  /** Resolves when so many are there; rejects when they are not in time. */
  async untilThere(count: number, patienceMs: number): Promise<void> {
    for (const deadline = Date.now() + patienceMs; ;) {
      const there = await this.count();
      if (there >= count) return;
      if (Date.now() > deadline) throw new Error(`${there} messages are stored, not ${count}.`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** About how many documents there are; in a database without stored messages, how many failures. */
  failuresSoFar(): Promise<number> {
    return this.database.collection<MessageDocument>(MESSAGES).estimatedDocumentCount();
  }

  /** How many messages failed once. */
  failedOnce(): Promise<number> {
    return this.database.collection<MessageDocument>(MESSAGES).countDocuments({ 'failure.failures': 1 });
  }

  /** How often each number is stored, from the messages themselves. */
  async numbers(): Promise<StoredCounts> {
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

  /** The last number of each inbox. */
  async lastNumbers(): Promise<ReadonlyMap<string, number>> {
    const found = await this.database.collection<InboxDocument>(INBOXES).find().toArray();
    return new Map(found.map(({ _id, last = 0 }) => [_id, last]));
  }

  /** Where each message came to stand, by the number in its text. */
  async places(): Promise<ReadonlyMap<number, { readonly client: string; readonly number: number }>> {
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
