// Fills a database with failed messages, as they stand there when their deliveries were given up.
import { createConnection, mongo } from 'mongoose';
import {
  failureFields,
  type InboxDocument,
  type MessageDocument,
} from '../../src/adapters/mongodb/documents.js';
import { createCollections, INBOXES, MESSAGES } from '../../src/adapters/mongodb/schemas.js';
import { sha256 } from '../../src/adapters/wire/sha256.js';
import { groupOf } from '../../src/domain/failure-group.js';
import { firstFailure } from '../../src/domain/failed-message.js';
import { Identities } from '../../src/domain/identity.js';
import { messageJson, recipientOf, textOf } from '../load/payload.js';
import { serve } from '../processes/serve.js';

export interface FillJob {
  /** With the database. */
  readonly uri: string;
  readonly failures: number;
  readonly recipients: number;
  readonly groups: number;
}

const BATCH = 1_000;
const BEGAN = Date.UTC(2026, 0, 1);
const identities = new Identities(sha256);

async function fill({ uri, failures, recipients, groups }: FillJob): Promise<void> {
  const connection = await createConnection(uri).asPromise();
  await createCollections(connection);
  const messages = connection.collection<MessageDocument>(MESSAGES);
  for (let first = 0; first < failures; first += BATCH) {
    const length = Math.min(BATCH, failures - first);
    const documents = Array.from({ length }, (_, at) => failureOf(first + at, recipients, groups));
    await messages.insertMany(documents, { ordered: false });
  }
  const inboxes = Array.from({ length: recipients }, (_, at) => ({
    _id: recipientOf(at, recipients),
    revision: 1,
  }));
  await connection.collection<InboxDocument>(INBOXES).insertMany(inboxes);
  await connection.close();
}

function failureOf(place: number, recipients: number, groups: number): MessageDocument {
  const _id = new mongo.ObjectId();
  const texts = { from: 'bench', to: recipientOf(place, recipients), message: textOf(place) };
  const content = identities.contentOf(texts);
  const code = `cause-${String(place % groups)}`;
  const letter = {
    ...{ ...texts, id: _id.toHexString(), sentAt: BEGAN + place, content },
    ...{ key: Buffer.from(texts.to), value: Buffer.from(messageJson(place, recipients)), truncated: false },
    ...{ reason: `Attempt ${String(place)} failed.`, code, disposition: 'exhausted' as const, attempts: 4 },
    ...{ failedAt: BEGAN + place, replays: 0 },
  };
  return {
    _id,
    content,
    failure: failureFields(firstFailure(letter, BEGAN + place, groupOf(letter, identities))),
  };
}

const tasks = { fill };
export type FillTasks = typeof tasks;

serve(tasks);
