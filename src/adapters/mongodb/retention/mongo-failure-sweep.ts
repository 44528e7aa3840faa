import type { mongo } from 'mongoose';
import type { FailureSweep } from '../../../application/ports/sweeps.js';
import { isSweepable } from '../../../domain/failures/failure-actions.js';
import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import { toFailed, type MessageDocument } from '../schema/documents.js';
import type { MongoConnection } from '../connection/mongo-connection.js';
import type { MongoStore } from '../connection/mongo-store.js';
import { touchInboxes } from '../delivery/settlement-writes.js';

const FAILURES_PER_TRANSACTION = 500;

type Id = MessageDocument['_id'];

export class MongoFailureSweep implements FailureSweep {
  constructor(private readonly connection: MongoConnection) {}

  sweep(lastEventBefore: number): Promise<number> {
    return this.connection.use('writes', async (store) => {
      const found = await store.messages
        .find(candidates(lastEventBefore), { projection: { _id: 1 }, limit: FAILURES_PER_TRANSACTION })
        .toArray();
      if (found.length === 0) return 0;
      const ids = found.map(({ _id }) => _id);
      return store.transactions.run((session) => remove(store, session, ids, lastEventBefore));
    });
  }
}

/** Selects by `recordedAt`, which is indexed: the last event of a failure is not earlier than its recording. */
function candidates(before: number): mongo.Filter<MessageDocument> {
  return {
    'failure.state': { $in: ['resolved', 'discarded', 'unresolved'] },
    'failure.recordedAt': { $lt: before },
    $or: [{ 'failure.state': { $ne: 'unresolved' } }, { 'failure.disposition': 'refused' }],
    $expr: { $lt: [{ $max: '$failure.history.at' }, before] },
  };
}

/**
 * Checks the failures again in the transaction, and writes their inboxes so that it conflicts with settlements
 * there.
 */
async function remove(
  store: MongoStore,
  session: mongo.ClientSession,
  ids: readonly Id[],
  before: number,
): Promise<number> {
  const { messages } = store;
  const found = await messages.find({ _id: { $in: [...ids] } }, { session }).toArray();
  const expired = found.flatMap((document) => {
    const failure = toFailed(document);
    return failure && isSweepable(failure, before) ? [{ document, failure }] : [];
  });
  if (expired.length === 0) return 0;
  await touchInboxes(
    store,
    session,
    expired.map(({ failure }): FailedMessage => failure),
  );
  const _id = { $in: expired.map(({ document }) => document._id) };
  await messages.updateMany({ _id, number: { $gt: 0 } }, { $unset: { failure: 1 } }, { session });
  await messages.deleteMany({ _id, number: { $exists: false } }, { session });
  return expired.length;
}
