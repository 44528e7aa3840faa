// What the driver can store at most with the indexes that the program has; also fills databases with what it would store.
import { createHash } from 'node:crypto';
import { createConnection, mongo, type Connection } from 'mongoose';
import {
  storedFields,
  type InboxDocument,
  type MessageDocument,
} from '../../src/adapters/mongodb/documents.js';
import { createCollections, INBOXES, MESSAGES } from '../../src/adapters/mongodb/schemas.js';
import { recipientOf, textOf } from '../load/payload.js';
import { serve } from '../processes/serve.js';

export interface InsertJob {
  /** With the database. */
  readonly uri: string;
  readonly messages: number;
  readonly recipients: number;
}

const BATCH = 500;
const WRITERS = 4;
const DURABLE = { writeConcern: { w: 'majority', journal: true } } as const;
const BEGAN = Date.UTC(2026, 0, 1);

/** Milliseconds that the inserts took; connection and indexes are not counted. */
async function insert({ uri, messages, recipients }: InsertJob): Promise<number> {
  const connection = await createConnection(uri).asPromise();
  await createCollections(connection);
  const collection = connection.collection<MessageDocument>(MESSAGES);
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < messages) {
      const first = next;
      next += BATCH;
      const length = Math.min(BATCH, messages - first);
      const documents = Array.from({ length }, (_, at) => documentOf(first + at, recipients));
      await collection.insertMany(documents, { ...DURABLE, ordered: false });
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: WRITERS }, write));
  const elapsedMs = performance.now() - began;
  await writeInboxes(connection, messages, recipients);
  await connection.close();
  return elapsedMs;
}

function documentOf(place: number, recipients: number): MessageDocument {
  const to = recipientOf(place, recipients);
  const message = textOf(place);
  const id = new mongo.ObjectId();
  const content = createHash('sha256').update(`${to}${message}`).digest('hex');
  const number = Math.floor(place / recipients) + 1;
  const at = BEGAN + place;
  const stored = {
    id: id.toHexString(),
    from: 'bench',
    to,
    message,
    sentAt: at,
    number,
    storedAt: at,
    content,
  };
  return { _id: id, ...storedFields(stored), content };
}

async function writeInboxes(connection: Connection, messages: number, recipients: number): Promise<void> {
  const inboxes = Array.from({ length: recipients }, (_, at): InboxDocument => {
    const last = Math.floor((messages - 1 - at) / recipients) + 1;
    return { _id: recipientOf(at, recipients), first: 1, last, revision: 1, oldest: BEGAN };
  });
  await connection.collection<InboxDocument>(INBOXES).insertMany(inboxes, DURABLE);
}

const tasks = { insert };
export type InsertTasks = typeof tasks;

serve(tasks);
