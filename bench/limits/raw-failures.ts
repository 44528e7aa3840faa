// What the driver can store of failures at most, with the indexes that the program has.
import { createConnection } from 'mongoose';
import type { MessageDocument } from '../../src/adapters/mongodb/documents.js';
import { createCollections, MESSAGES } from '../../src/adapters/mongodb/schemas.js';
import { serve } from '../processes/serve.js';
import { failureDocument } from '../product/failure-documents.js';

export interface FailuresJob {
  /** With the database. */
  readonly uri: string;
  readonly failures: number;
  readonly recipients: number;
}

const BATCH = 500;
const WRITERS = 4;
const DURABLE = { writeConcern: { w: 'majority', journal: true } } as const;

/** Milliseconds that the inserts took; connection and indexes are not counted. */
async function insert({ uri, failures, recipients }: FailuresJob): Promise<number> {
  const connection = await createConnection(uri).asPromise();
  await createCollections(connection);
  const collection = connection.collection<MessageDocument>(MESSAGES);
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < failures) {
      const first = next;
      next += BATCH;
      const length = Math.min(BATCH, failures - first);
      const documents = Array.from({ length }, (_, at) => failureDocument(first + at, recipients, 1));
      await collection.insertMany(documents, { ...DURABLE, ordered: false });
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: WRITERS }, write));
  const elapsedMs = performance.now() - began;
  await connection.close();
  return elapsedMs;
}

const tasks = { insert };
export type FailuresTasks = typeof tasks;

serve(tasks);
