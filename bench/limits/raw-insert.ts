// Measures how fast the driver alone can insert messages, with the program's indexes. Also used to fill databases.
import type { InboxDocument } from '../../src/adapters/mongodb/schema/documents.js';
import type { MongoStore } from '../../src/adapters/mongodb/connection/mongo-store.js';
import { recipientOf } from '../load/payload.js';
import { serve } from '../processes/serve.js';
import { FIRST_SENT_AT, messageDocument } from '../product/message-documents.js';
import { openStore } from '../product/program-store.js';

export interface InsertJob {
  /** Includes the database. */
  readonly uri: string;
  readonly messages: number;
  readonly recipients: number;
}

const BATCH = 500;
const WRITERS = 4;
const DURABLE = { writeConcern: { w: 'majority', journal: true } } as const;

/** Resolves with the milliseconds of the inserts, without connecting and creating indexes. */
async function insert(job: InsertJob): Promise<number> {
  const connection = await openStore(job.uri);
  const elapsedMs = await connection.use('writes', async (store) => {
    const startedAt = performance.now();
    await insertMessages(store, job);
    const elapsed = performance.now() - startedAt;
    await writeInboxes(store, job);
    return elapsed;
  });
  await connection.close();
  return elapsedMs;
}

async function insertMessages(
  { messages: collection }: MongoStore,
  { messages, recipients }: InsertJob,
): Promise<void> {
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < messages) {
      const first = next;
      next += BATCH;
      const length = Math.min(BATCH, messages - first);
      const documents = Array.from({ length }, (_, at) => messageDocument(first + at, recipients));
      await collection.insertMany(documents, { ...DURABLE, ordered: false });
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

async function writeInboxes(
  { inboxes: collection }: MongoStore,
  { messages, recipients }: InsertJob,
): Promise<void> {
  const inboxes = Array.from({ length: recipients }, (_, at): InboxDocument => {
    const last = Math.floor((messages - 1 - at) / recipients) + 1;
    return { _id: recipientOf(at, recipients), first: 1, last, revision: 1, oldest: FIRST_SENT_AT };
  });
  await collection.insertMany(inboxes, DURABLE);
}

const tasks = { insert };
export type InsertTasks = typeof tasks;

serve(tasks);
