import type { mongo } from 'mongoose';
import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import type { Known } from '../../../domain/delivery/fate.js';
import { inboxOf, type LedgerView, type Settlement } from '../../../domain/delivery/settlement.js';
import {
  documentId,
  failureFields,
  storedFields,
  type InboxDocument,
  type MessageDocument,
} from '../schema/documents.js';
import type { MongoStore } from '../connection/mongo-store.js';
import { failureUpdate } from './failure-update.js';

export interface ReadView extends LedgerView {
  /** The last numbers that were assumed instead of read. The writes must fail if an inbox has another last number. */
  readonly assumedLastNumbers: ReadonlyMap<string, number>;
}

/** A failure before and after a change. */
export interface Amendment {
  readonly before: FailedMessage;
  readonly after: FailedMessage;
}

interface Changes {
  readonly fields: Partial<MessageDocument>;
  readonly failure?: FailedMessage;
}

/** Writes a settlement in the transaction that read its view, in at most three round trips. */
export async function writeSettlement(
  { messages, inboxes }: MongoStore,
  session: mongo.ClientSession,
  settlement: Settlement,
  read: ReadView,
): Promise<void> {
  // Inboxes first, so that a transaction that loses to a conflict aborts before it writes messages.
  if (settlement.inboxes.size > 0) {
    await inboxes.bulkWrite(inboxWrites(settlement, read), { session, ordered: false });
  }
  const inserts: MessageDocument[] = [];
  const updates: mongo.AnyBulkWriteOperation<MessageDocument>[] = [];
  for (const [id, { fields, failure }] of changesById(settlement)) {
    const _id = documentId(id);
    const known = read.known.get(id);
    if (known === undefined)
      inserts.push({ _id, ...fields, ...(failure && { failure: failureFields(failure) }) });
    else updates.push({ updateOne: { filter: { _id }, update: updateOf(known, fields, failure) } });
  }
  if (inserts.length > 0) await messages.insertMany(inserts, { session, ordered: false });
  if (updates.length > 0) await messages.bulkWrite(updates, { session, ordered: false });
}

/**
 * Writes the changed failures and nothing else. A settlement that changes one of them writes it too, so the two
 * conflict.
 */
export async function writeAmendments(
  { messages }: Pick<MongoStore, 'messages'>,
  session: mongo.ClientSession,
  amendments: readonly Amendment[],
): Promise<void> {
  const changes = amendments
    .map(({ before, after }) => ({ _id: documentId(after.id), update: failureUpdate(before, after) }))
    // An act that is repeated on its own result changes nothing.
    .filter(({ update }) => Object.keys(update).length > 0)
    .map(({ _id, update }) => ({ updateOne: { filter: { _id }, update } }));
  if (changes.length === 0) return;
  await messages.bulkWrite(changes, { session, ordered: false });
}

/** Forces a write conflict between a sweep of failures and settlements of the same inboxes. */
export async function touchInboxes(
  { inboxes }: Pick<MongoStore, 'inboxes'>,
  session: mongo.ClientSession,
  failures: readonly FailedMessage[],
): Promise<void> {
  const names = new Set(failures.map((letter) => inboxOf({ kind: 'dead-letter', letter })));
  const touches = [...names].map((_id) => ({
    updateOne: { filter: { _id }, update: { $inc: { revision: 1 } }, upsert: true },
  }));
  await inboxes.bulkWrite(touches, { session, ordered: false });
}

function inboxWrites(
  settlement: Settlement,
  { assumedLastNumbers, now }: ReadView,
): mongo.AnyBulkWriteOperation<InboxDocument>[] {
  return [...settlement.inboxes].map(([_id, assignedCount]) => {
    const $inc = assignedCount === 0 ? { revision: 1 } : { revision: 1, last: assignedCount };
    const update = { $inc, $setOnInsert: { oldest: now } };
    const assumedLast = assumedLastNumbers.get(_id);
    // If the inbox has another last number, the filter does not match, and the upsert fails with a duplicate key.
    const filter = assumedLast === undefined ? { _id } : { _id, last: assumedLast };
    return { updateOne: { filter, update, upsert: true } };
  });
}

/** Merges the changes by id. A message of a batch may fail and be stored by a replay later in the same batch. */
function changesById({ stored, failures }: Settlement): Map<string, Changes> {
  const changes = new Map<string, Changes>();
  for (const message of stored) {
    changes.set(message.id, { fields: { ...storedFields(message), content: message.content } });
  }
  for (const failure of failures) {
    const { id, content } = failure;
    changes.set(id, { fields: { ...changes.get(id)?.fields, content }, failure });
  }
  return changes;
}

function updateOf(
  known: Known,
  fields: Partial<MessageDocument>,
  failure: FailedMessage | undefined,
): mongo.UpdateFilter<MessageDocument> {
  return failure ? failureUpdate(known.failure, failure, fields) : { $set: fields };
}
