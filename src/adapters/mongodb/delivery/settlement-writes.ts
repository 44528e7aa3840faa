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
  /** Those of the last numbers that were not read: the writes must fail where an inbox ends elsewhere. */
  readonly presumedEnds: ReadonlyMap<string, number>;
}

/** A failure as it was read, and as it is to be. */
export interface Amendment {
  readonly before: FailedMessage;
  readonly after: FailedMessage;
}

interface Changes {
  readonly fields: Partial<MessageDocument>;
  readonly failure?: FailedMessage;
}

/** Writes what a decision came to, in the transaction that read what it was made of: at most three round trips. */
export async function writeSettlement(
  { messages, inboxes }: MongoStore,
  session: mongo.ClientSession,
  settlement: Settlement,
  read: ReadView,
): Promise<void> {
  // Inboxes first: of two deciders the one that falls finds out before it has written its messages.
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

/** Writes failures that were changed, and nothing else; a decision that changes one of them writes it too. */
export async function writeAmendments(
  { messages }: Pick<MongoStore, 'messages'>,
  session: mongo.ClientSession,
  amendments: readonly Amendment[],
): Promise<void> {
  const changes = amendments
    .map(({ before, after }) => ({ _id: documentId(after.id), update: failureUpdate(before, after) }))
    // An act that found its own effect changes nothing.
    .filter(({ update }) => Object.keys(update).length > 0)
    .map(({ _id, update }) => ({ updateOne: { filter: { _id }, update } }));
  if (changes.length === 0) return;
  await messages.bulkWrite(changes, { session, ordered: false });
}

/** Forces a write conflict between a sweep of failures and decisions about the same inboxes. */
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
  { presumedEnds, now }: ReadView,
): mongo.AnyBulkWriteOperation<InboxDocument>[] {
  return [...settlement.inboxes].map(([_id, given]) => {
    const $inc = given === 0 ? { revision: 1 } : { revision: 1, last: given };
    const update = { $inc, $setOnInsert: { oldest: now } };
    const presumed = presumedEnds.get(_id);
    // One that ends elsewhere does not match, and can't be inserted.
    const filter = presumed === undefined ? { _id } : { _id, last: presumed };
    return { updateOne: { filter, update, upsert: true } };
  });
}

/** One id may have become both in one batch: failed, and stored by a replay behind it. */
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
