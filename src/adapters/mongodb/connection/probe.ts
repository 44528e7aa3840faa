import type { mongo } from 'mongoose';
import { PROBE } from '../schema/documents.js';
import type { MongoStore } from './mongo-store.js';

/** Writes to both collections what nobody sees, with the rights and in the way that a decision is written. */
export function probeWrites({ transactions, messages, inboxes }: MongoStore): Promise<void> {
  return transactions.run(async (session) => {
    const options: mongo.UpdateOptions = { session, upsert: true };
    await inboxes.updateOne({ _id: PROBE }, { $inc: { revision: 1 } }, options);
    await messages.updateOne({ _id: PROBE }, { $inc: { probes: 1 } }, options);
  });
}

/** Reads what a page of an inbox reads. */
export async function probeReads({ messages }: MongoStore): Promise<void> {
  await messages.findOne({ _id: PROBE });
}
