import { mongo } from 'mongoose';
import { DependencyUnavailable } from '../../../application/errors.js';
import type { Clock } from '../../../application/ports/clock.js';
import { sleep } from '../../../application/timing.js';
import { killIdleTransactions } from './left-transactions.js';
import { isTransient, originalError } from '../client/mongo-errors.js';
import { TransactionDeadline } from './transaction-deadline.js';

const ATTEMPTS = 40;
const COMMIT_ATTEMPTS = 3;
/** Conflicts in a row before we look for a transaction that a dead process left open. */
const CONFLICTS_BEFORE_CLEANUP = 10;
const FIRST_DELAY_MS = 4;
const MAX_DELAY_MS = 100;

const OPTIONS: mongo.TransactionOptions = {
  readPreference: 'primary',
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5_000 },
  maxCommitTimeMS: 5_000,
};

type Work<T> = (session: mongo.ClientSession) => Promise<T>;

/** One call of `run`, including its repeats. */
interface Run<T> {
  readonly work: Work<T>;
  readonly deadline: TransactionDeadline;
  /** The session whose transaction may be open on the server. */
  session?: mongo.Document | undefined;
}

export class Transactions {
  /** Sessions whose transaction may still be open. It would conflict with every other one until it expires (60 s). */
  private readonly abandonedSessions = new Set<mongo.Document>();

  constructor(
    private readonly client: mongo.MongoClient,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs `work` in one transaction. Repeats it from the start if it loses to a conflict or fails with an error that
   * the driver calls transient, a bounded number of times and for at most 15 s. If the commit's result stays
   * unknown, it repeats `work` too, which then finds what it wrote. Rejects with `DependencyUnavailable` after 24 s
   * at the latest; the writes may still take effect after that.
   */
  run<T>(work: Work<T>): Promise<T> {
    const run: Run<T> = { work, deadline: new TransactionDeadline(this.clock) };
    return run.deadline.bound(this.repeat(run), () => {
      if (run.session) this.abandonedSessions.add(run.session);
    });
  }

  private async repeat<T>(run: Run<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.killAbandoned();
        if (attempt > 1) run.deadline.requireTimeToRepeat();
        return await this.attemptOnce(run);
      } catch (error) {
        if (attempt === ATTEMPTS || !isTransient(error)) throw error;
        // This includes duplicate keys: slow servers are an outage, not a message's failure.
        if (!run.deadline.mayRepeat) throw new DependencyUnavailable('store', error);
      }
      if (attempt % CONFLICTS_BEFORE_CLEANUP === 0)
        await killIdleTransactions(this.client).catch(() => undefined);
      // The delay is random, so that transactions that conflicted do not conflict again.
      await sleep(this.clock, Math.random() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt));
    }
  }

  private async attemptOnce<T>(run: Run<T>): Promise<T> {
    run.deadline.requireCaller();
    const session = this.client.startSession();
    run.session = session.id;
    try {
      session.startTransaction(OPTIONS);
      const result = await run.work(session);
      await commit(session, run.deadline);
      return result;
    } catch (error) {
      if (mayBeOpen(error) && session.id) this.abandonedSessions.add(session.id);
      throw error;
    } finally {
      // Aborts an uncommitted transaction before the next attempt.
      await session.endSession();
      run.session = undefined;
    }
  }

  /**
   * Ends the transactions that this process may have left open. A database user may always kill its own sessions.
   * Committed transactions stay.
   */
  private async killAbandoned(): Promise<void> {
    if (this.abandonedSessions.size === 0) return;
    const sessions = [...this.abandonedSessions];
    this.abandonedSessions.clear();
    try {
      await this.client.db('admin').command({ killSessions: sessions });
    } catch (error) {
      for (const session of sessions) this.abandonedSessions.add(session);
      throw error;
    }
  }
}

async function commit(session: mongo.ClientSession, deadline: TransactionDeadline): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    deadline.requireCaller();
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const mayRetry = isUnknownCommit(error) && !(error instanceof mongo.MongoServerSelectionError);
      if (!mayRetry || attempt === COMMIT_ATTEMPTS || !deadline.mayRepeat) throw error;
    }
  }
}

function isUnknownCommit(error: unknown): boolean {
  return error instanceof mongo.MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
}

function mayBeOpen(thrown: unknown): boolean {
  const error = originalError(thrown);
  return (
    isUnknownCommit(error) ||
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError
  );
}
