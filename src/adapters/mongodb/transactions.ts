import { setTimeout as sleep } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { killLeftByOthers } from './left-transactions.js';
import { isTransient, originalError } from './mongo-errors.js';

const ATTEMPTS = 40;
const COMMIT_ATTEMPTS = 3;
/** After so many conflicts in a row it is looked for somebody who died holding what is fought for. */
const SUSPICIOUS = 10;
const FIRST_DELAY_MS = 4;
const MAX_DELAY_MS = 100;

const OPTIONS: mongo.TransactionOptions = {
  readPreference: 'primary',
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
  maxCommitTimeMS: 10_000,
};

type Work<T> = (session: mongo.ClientSession) => Promise<T>;

export class Transactions {
  /** Sessions whose transaction may still be open: until it expires, after a minute, all others would fall to it. */
  private abandoned: mongo.Document[] = [];

  constructor(private readonly client: mongo.MongoClient) {}

  /**
   * Runs `work` in one transaction, again from the start where it fell to a conflict or the driver calls its failure
   * transient, at most so many times. Where the commit's result stays unknown, the whole is run again too: it finds
   * what it wrote.
   */
  async run<T>(work: Work<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.killAbandoned();
        return await this.once(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !isTransient(error)) throw error;
      }
      if (attempt % SUSPICIOUS === 0) await killLeftByOthers(this.client).catch(() => undefined);
      // Deciders that fell to each other must not meet again.
      await sleep(Math.random() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt));
    }
  }

  private async once<T>(work: Work<T>): Promise<T> {
    const session = this.client.startSession();
    try {
      session.startTransaction(OPTIONS);
      const result = await work(session);
      await commit(session);
      return result;
    } catch (error) {
      if (mayStayOpen(error) && session.id) this.abandoned.push(session.id);
      throw error;
    } finally {
      // Aborts what was not committed, before anybody tries again.
      await session.endSession();
    }
  }

  /** Everyone may kill their own sessions. What was committed stays. */
  private async killAbandoned(): Promise<void> {
    if (this.abandoned.length === 0) return;
    const sessions = this.abandoned;
    this.abandoned = [];
    try {
      await this.client.db('admin').command({ killSessions: sessions });
    } catch (error) {
      this.abandoned.push(...sessions);
      throw error;
    }
  }
}

async function commit(session: mongo.ClientSession): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const again = isUnknownCommit(error) && !(error instanceof mongo.MongoServerSelectionError);
      if (!again || attempt === COMMIT_ATTEMPTS) throw error;
    }
  }
}

function isUnknownCommit(error: unknown): boolean {
  return error instanceof mongo.MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
}

function mayStayOpen(thrown: unknown): boolean {
  const error = originalError(thrown);
  return (
    isUnknownCommit(error) ||
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError
  );
}
