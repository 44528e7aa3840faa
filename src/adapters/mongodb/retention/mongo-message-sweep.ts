import type { mongo } from 'mongoose';
import type { Clock } from '../../../application/ports/clock.js';
import type { MessageSweep } from '../../../application/ports/sweeps.js';
import { STORED_FIELDS, type MessageDocument } from '../schema/documents.js';
import type { MongoConnection } from '../connection/mongo-connection.js';
import type { MongoStore } from '../connection/mongo-store.js';

const INBOXES_PER_QUERY = 100;
const MESSAGES_PER_TRANSACTION = 500;
/** The number of removed messages after which a call returns. */
const MAX_SWEPT = 5_000;

export class MongoMessageSweep implements MessageSweep {
  constructor(
    private readonly connection: MongoConnection,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  sweep(storedBefore: number): Promise<number> {
    return this.connection.use('writes', async (store) => {
      for (let swept = 0; ;) {
        const due = await store.inboxes
          .find({ oldest: { $lt: storedBefore } }, { projection: { _id: 1 }, limit: INBOXES_PER_QUERY })
          .toArray();
        for (const { _id } of due) swept += await this.sweepInbox(store, _id, storedBefore);
        if (due.length === 0 || swept >= MAX_SWEPT) return swept;
      }
    });
  }

  /**
   * Removes the due messages of an inbox, at most `MESSAGES_PER_TRANSACTION`, and moves its `oldest` forward. If more are
   * due, the next query finds the inbox again.
   */
  private sweepInbox(store: MongoStore, inbox: string, storedBefore: number): Promise<number> {
    const { messages, inboxes } = store;
    return store.transactions.run(async (session) => {
      const rows = await oldestRows(store, session, inbox);
      const due = rows.findIndex(({ storedAt = 0 }) => storedAt >= storedBefore);
      const expired = rows.slice(0, Math.min(due < 0 ? rows.length : due, MESSAGES_PER_TRANSACTION));
      const next = rows[expired.length];
      const last = expired.at(-1)?.number;
      const $set = {
        oldest: next?.storedAt ?? Math.max(storedBefore, this.clock.now()),
        ...(last !== undefined && { first: last + 1 }),
      };
      // First, so that if two processes sweep the same inbox, one aborts before it deletes anything.
      await inboxes.updateOne({ _id: inbox }, { $set, $inc: { revision: 1 } }, { session });
      const _id = { $in: expired.map((row) => row._id) };
      await messages.updateMany({ _id, failure: { $exists: true } }, { $unset: STORED_FIELDS }, { session });
      await messages.deleteMany({ _id, failure: { $exists: false } }, { session });
      return expired.length;
    });
  }
}

/** Reads one row more than a transaction removes. That row tells when the rest is due. */
function oldestRows(
  { messages }: MongoStore,
  session: mongo.ClientSession,
  inbox: string,
): Promise<mongo.WithId<MessageDocument>[]> {
  const options = { session, sort: { number: 1 as const }, limit: MESSAGES_PER_TRANSACTION + 1 };
  return messages
    .find({ to: inbox, number: { $gt: 0 } }, { ...options, projection: { number: 1, storedAt: 1 } })
    .toArray();
}
