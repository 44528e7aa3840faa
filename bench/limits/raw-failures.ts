// Measures how fast the driver alone can insert failures, with the program's indexes.
import type { MongoStore } from '../../src/adapters/mongodb/connection/mongo-store.js';
import { serve } from '../processes/serve.js';
import { failureDocument } from '../product/failure-documents.js';
import { openStore } from '../product/program-store.js';

export interface FailuresJob {
  /** Includes the database. */
  readonly uri: string;
  readonly failures: number;
  readonly recipients: number;
}

const BATCH = 500;
const WRITERS = 4;
const DURABLE = { writeConcern: { w: 'majority', journal: true } } as const;

/** Resolves with the milliseconds of the inserts, without connecting and creating indexes. */
async function insert(job: FailuresJob): Promise<number> {
  const connection = await openStore(job.uri);
  const startedAt = performance.now();
  await connection.use('writes', (store) => insertFailures(store, job));
  const elapsedMs = performance.now() - startedAt;
  await connection.close();
  return elapsedMs;
}

async function insertFailures(
  { messages: collection }: MongoStore,
  { failures, recipients }: FailuresJob,
): Promise<void> {
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
  await Promise.all(Array.from({ length: WRITERS }, write));
}

const tasks = { insert };
export type FailuresTasks = typeof tasks;

serve(tasks);
