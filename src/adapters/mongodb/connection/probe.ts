import type { mongo } from 'mongoose';
import { PROBE } from '../schema/documents.js';
import type { MongoStore } from './mongo-store.js';

/**
 * Makes a durable write without a visible effect to both collections, in a transaction and with the same privileges
 * as a settlement.
 */
export function probeWrites({ transactions, messages, inboxes }: MongoStore): Promise<void> {
  return transactions.run(async (session) => {
    const options: mongo.UpdateOptions = { session, upsert: true };
    await inboxes.updateOne({ _id: PROBE }, { $inc: { revision: 1 } }, options);
    await messages.updateOne({ _id: PROBE }, { $inc: { probes: 1 } }, options);
  });
}

/** Reads from the collection that inbox pages are read from. */
export async function probeReads({ messages }: MongoStore): Promise<void> {
  await messages.findOne({ _id: PROBE });
}
