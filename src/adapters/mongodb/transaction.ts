import { setTimeout as sleep } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { isTransient } from './mongo-errors.js';

const ATTEMPTS = 40;
const COMMIT_ATTEMPTS = 3;
const FIRST_DELAY_MS = 4;
const MAX_DELAY_MS = 100;

const OPTIONS: mongo.TransactionOptions = {
  readPreference: 'primary',
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
  maxCommitTimeMS: 10_000,
};

/**
 * Runs `work` in one transaction, again from the start where it fell to a conflict or the driver calls its failure
 * transient, at most so many times. Where the commit's result stays unknown, the whole is run again too: it finds
 * what it wrote.
 */
export async function inTransaction<T>(
  client: mongo.MongoClient,
  work: (session: mongo.ClientSession) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(client, work);
    } catch (error) {
      if (attempt === ATTEMPTS || !isTransient(error)) throw error;
    }
    // Deciders that fell to each other must not meet again.
    await sleep(Math.random() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt));
  }
}

async function once<T>(
  client: mongo.MongoClient,
  work: (session: mongo.ClientSession) => Promise<T>,
): Promise<T> {
  const session = client.startSession();
  try {
    session.startTransaction(OPTIONS);
    const result = await work(session);
    await commit(session);
    return result;
  } catch (error) {
    // What was not committed is aborted here, before anybody tries again; with nobody to talk to, not waited for.
    const ended = session.endSession();
    if (error instanceof mongo.MongoServerSelectionError) void ended.catch(() => undefined);
    else await ended;
    throw error;
  } finally {
    if (!session.hasEnded) await session.endSession();
  }
}

async function commit(session: mongo.ClientSession): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const unknown =
        error instanceof mongo.MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
      const again = unknown && !(error instanceof mongo.MongoServerSelectionError);
      if (!again || attempt === COMMIT_ATTEMPTS) throw error;
    }
  }
}
