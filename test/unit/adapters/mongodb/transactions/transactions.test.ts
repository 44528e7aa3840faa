import { expect } from 'chai';
import { mongo } from 'mongoose';
import { Transactions } from '../../../../../src/adapters/mongodb/transactions/transactions.js';
import { SystemClock } from '../../../../../src/adapters/system/system-clock.js';
import { fromBulkWrite, labelled, noServer, serverError } from '../client/driver-errors.js';

const TRANSIENT = labelled(serverError(112), 'TransientTransactionError');
const UNKNOWN = labelled(serverError(112), 'UnknownTransactionCommitResult');

/** A client that records the calls to its sessions. Its commits fail with the given errors, one after the other. */
function fakeClient(...commitErrors: (Error | undefined)[]): { client: mongo.MongoClient; log: string[] } {
  const log: string[] = [];
  let sessions = 0;
  const db = () => ({
    command: ({ killSessions }: { killSessions: { id: string }[] }) => {
      log.push(`kill ${killSessions.map(({ id }) => id).join()}`);
      return Promise.resolve();
    },
  });
  const startSession = (): unknown => {
    const session = {
      id: { id: `session ${String(++sessions)}` },
      startTransaction: () => log.push('start'),
      commitTransaction: () => {
        log.push('commit');
        const error = commitErrors.shift();
        return error ? Promise.reject(error) : Promise.resolve();
      },
      endSession: () => {
        log.push('end');
        return Promise.resolve();
      },
    };
    return session;
  };
  // Only this is called.
  return { client: { startSession, db } as unknown as mongo.MongoClient, log };
}

/** Work that fails with the given errors, one per attempt, and then returns the number of attempts. */
function work(...errors: Error[]): () => Promise<number> {
  let calls = 0;
  return () => {
    calls += 1;
    const error = errors.shift();
    return error ? Promise.reject(error) : Promise.resolve(calls);
  };
}

const transactionsOf = (client: mongo.MongoClient): Transactions =>
  new Transactions(client, new SystemClock());

const failing = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe('A transaction', () => {
  it('is committed once, and its session is ended', async () => {
    const { client, log } = fakeClient();
    expect(await transactionsOf(client).run(work())).to.equal(1);
    expect(log).to.deep.equal(['start', 'commit', 'end']);
  });

  it('is repeated in a new session when it was aborted by a write conflict', async () => {
    const { client, log } = fakeClient();
    expect(await transactionsOf(client).run(work(TRANSIENT, serverError(11000)))).to.equal(3);
    expect(log).to.deep.equal(['start', 'end', 'start', 'end', 'start', 'commit', 'end']);
  });

  it('is committed again while the result is unknown', async () => {
    const { client, log } = fakeClient(UNKNOWN, UNKNOWN);
    expect(await transactionsOf(client).run(work())).to.equal(1);
    expect(log).to.deep.equal(['start', 'commit', 'commit', 'commit', 'end']);
  });

  it('is aborted and repeated as a whole if the result stays unknown', async () => {
    const { client, log } = fakeClient(UNKNOWN, UNKNOWN, UNKNOWN);
    expect(await transactionsOf(client).run(work())).to.equal(2);
    const again = log.slice(log.indexOf('end') + 1);
    expect(again).to.deep.equal(['kill session 1', 'start', 'commit', 'end']);
  });

  it('is aborted before the next attempt if the connection was lost inside a bulk write', async () => {
    for (const lost of [new mongo.MongoNetworkError('gone'), noServer()]) {
      const { client, log } = fakeClient();
      const transactions = transactionsOf(client);
      await failing(transactions.run(work(fromBulkWrite(lost))));
      await transactions.run(work());
      expect(log).to.deep.equal(['start', 'end', 'kill session 1', 'start', 'commit', 'end']);
    }
  });

  it('is repeated when its commit was aborted by a write conflict', async () => {
    const { client, log } = fakeClient(TRANSIENT);
    expect(await transactionsOf(client).run(work())).to.equal(2);
    expect(log).to.deep.equal(['start', 'commit', 'end', 'start', 'commit', 'end']);
  });

  it('is not repeated for any other error', async () => {
    const { client, log } = fakeClient();
    const defect = new TypeError('a defect');
    expect(await failing(transactionsOf(client).run(work(defect)))).to.equal(defect);
    expect(log).to.deep.equal(['start', 'end']);
  });

  it('does not select a server again if none was found', async () => {
    const none = labelled(noServer(), 'TransientTransactionError', 'UnknownTransactionCommitResult');
    const atCommit = fakeClient(none);
    expect(await failing(transactionsOf(atCommit.client).run(work()))).to.equal(none);
    expect(atCommit.log).to.deep.equal(['start', 'commit', 'end']);
    const before = fakeClient();
    expect(await failing(transactionsOf(before.client).run(work(none)))).to.equal(none);
    expect(before.log).to.deep.equal(['start', 'end']);
  });
});
