// Fills a database with failed messages whose retries are exhausted.
import { createConnection } from 'mongoose';
import type { InboxDocument, MessageDocument } from '../../src/adapters/mongodb/schema/documents.js';
import { ListIndexes } from '../../src/adapters/mongodb/connection/list-indexes.js';
import { createCollections, INBOXES, MESSAGES } from '../../src/adapters/mongodb/schema/schemas.js';
import { recipientOf } from '../load/payload.js';
import { serve } from '../processes/serve.js';
import { failureDocument } from './failure-documents.js';

export interface FillJob {
  /** Includes the database. */
  readonly uri: string;
  readonly failures: number;
  readonly recipients: number;
  readonly groups: number;
}

const BATCH = 1_000;
const noop = (): void => undefined;
const SILENT = { isDebugEnabled: () => false, debug: noop, info: noop, warn: noop, error: noop };

async function fill({ uri, failures, recipients, groups }: FillJob): Promise<void> {
  const connection = await createConnection(uri).asPromise();
  await createCollections(connection);
  const messages = connection.getClient().db().collection<MessageDocument>(MESSAGES);
  // Otherwise the program would build these indexes during the measurement.
  const listIndexes = new ListIndexes(SILENT, () => undefined);
  await listIndexes.prepare(messages);
  for (let first = 0; first < failures; first += BATCH) {
    const length = Math.min(BATCH, failures - first);
    const documents = Array.from({ length }, (_, at) => failureDocument(first + at, recipients, groups));
    await messages.insertMany(documents, { ordered: false });
  }
  const inboxes = Array.from({ length: recipients }, (_, at) => ({
    _id: recipientOf(at, recipients),
    revision: 1,
  }));
  await connection.collection<InboxDocument>(INBOXES).insertMany(inboxes);
  listIndexes.close();
  await connection.close();
}

const tasks = { fill };
export type FillTasks = typeof tasks;

serve(tasks);
