// Stores messages in batches of a given size, in transactions of the program's ledger, or without it to
// measure the floor.
import { createHash } from 'node:crypto';
import { mongo } from 'mongoose';
import type { MongoConnection } from '../../src/adapters/mongodb/connection/mongo-connection.js';
import { MongoLedger } from '../../src/adapters/mongodb/delivery/mongo-ledger.js';
import { SystemClock } from '../../src/adapters/system/system-clock.js';
import { Identities } from '../../src/domain/identity.js';
import type { Entry } from '../../src/domain/delivery/settlement.js';
import { recipientOf, textOf } from '../load/payload.js';
import { serve } from '../processes/serve.js';
import { messageDocument } from './message-documents.js';
import { openStore } from './program-store.js';

export interface LedgerJob {
  /** The number of the first message. Each message has a number, with which its text begins. */
  readonly first: number;
  readonly messages: number;
  /** Messages per transaction. */
  readonly batch: number;
  readonly recipients: number;
  /** Messages a second. If absent, each transaction starts when the previous one has ended. */
  readonly rate?: number;
}

const DURABLE = { writeConcern: { w: 'majority', journal: true } } as const;
const identities = new Identities((text) => createHash('sha256').update(text).digest('hex'));

let opened: { readonly connection: MongoConnection; readonly ledger: MongoLedger } | undefined;

/** Opens the database that the other tasks use. */
async function open(uri: string): Promise<void> {
  await opened?.connection.close();
  const connection = await openStore(uri);
  opened = { connection, ledger: new MongoLedger(connection, new SystemClock(), identities) };
}

/** Creates the empty inboxes of `recipients` recipients, so that the measurement does not include that. */
async function createInboxes(recipients: number): Promise<void> {
  const documents = Array.from({ length: recipients }, (_, at) => ({
    _id: recipientOf(at, recipients),
    first: 1,
    last: 0,
    revision: 1,
  }));
  await store().connection.use('writes', ({ inboxes }) => inboxes.insertMany(documents, DURABLE));
}

async function settle(job: LedgerJob): Promise<void> {
  const { ledger } = store();
  await inBatches(job, async (first, length) => {
    const entries = Array.from({ length }, (_, at) =>
      entryFor(first + at, recipientOf(first + at, job.recipients)),
    );
    const outcomes = await ledger.settle(entries);
    if (outcomes.some(({ kind }) => kind !== 'stored')) throw new Error('Not every message was stored.');
  });
}

/** Stores one message for one client. */
async function settleSingle({
  first,
  to,
}: Pick<LedgerJob, 'first'> & { readonly to: string }): Promise<void> {
  await store().ledger.settle([entryFor(first, to)]);
}

async function insertRaw(job: LedgerJob): Promise<void> {
  const { connection } = store();
  await inBatches(job, async (first, length) => {
    const documents = Array.from({ length }, (_, at) => messageDocument(first + at, job.recipients));
    await connection.use('writes', ({ messages }) =>
      messages.insertMany(documents, { ...DURABLE, ordered: false }),
    );
  });
}

async function inBatches(
  { first, messages, batch, rate }: LedgerJob,
  write: (first: number, length: number) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  for (let done = 0; done < messages; done += batch) {
    const delayMs = rate === undefined ? 0 : startedAt + (done * 1_000) / rate - performance.now();
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    await write(first + done, Math.min(batch, messages - done));
  }
}

function entryFor(index: number, to: string): Entry {
  const text = { from: 'bench', to, message: textOf(index) };
  const message = { ...text, id: new mongo.ObjectId().toHexString(), sentAt: Date.now() };
  return { kind: 'delivery', message, content: identities.contentOf(message), replays: 0 };
}

function store(): NonNullable<typeof opened> {
  if (opened === undefined) throw new Error('No database is open.');
  return opened;
}

const tasks = { open, createInboxes, settle, settleSingle, insertRaw };
export type LedgerTasks = typeof tasks;

serve(tasks);
