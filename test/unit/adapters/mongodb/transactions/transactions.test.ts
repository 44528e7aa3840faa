import { expect } from 'chai';
import { mongo } from 'mongoose';
import { Transactions } from '../../../../../src/adapters/mongodb/transactions/transactions.js';
import { SystemClock } from '../../../../../src/adapters/system/system-clock.js';
import { fromBulkWrite, labelled, noServer, serverError } from '../client/driver-errors.js';

const TRANSIENT = labelled(serverError(112), 'TransientTransactionError');
const UNKNOWN = labelled(serverError(112), 'UnknownTransactionCommitResult');

/** A client whose sessions note what they are asked, and whose commits fail as given, one after the other. */
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
  // Only that is asked of it.
  return { client: { startSession, db } as unknown as mongo.MongoClient, log };
}

/** Work that fails as given, one time after the other, and then gives how often it was called. */
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

describe('a transaction', () => {
  it('is committed once, and its session ended', async () => {
    const { client, log } = fakeClient();
    expect(await transactionsOf(client).run(work())).to.equal(1);
    expect(log).to.deep.equal(['start', 'commit', 'end']);
  });

  it('is run again, in a new session, when it fell to another one', async () => {
    const { client, log } = fakeClient();
    expect(await transactionsOf(client).run(work(TRANSIENT, serverError(11000)))).to.equal(3);
    expect(log).to.deep.equal(['start', 'end', 'start', 'end', 'start', 'commit', 'end']);
  });

  it('is committed again while the result is unknown', async () => {
    const { client, log } = fakeClient(UNKNOWN, UNKNOWN);
    expect(await transactionsOf(client).run(work())).to.equal(1);
    expect(log).to.deep.equal(['start', 'commit', 'commit', 'commit', 'end']);
  });

  it('is killed, and run again as a whole, when the result stays unknown', async () => {
    const { client, log } = fakeClient(UNKNOWN, UNKNOWN, UNKNOWN);
    expect(await transactionsOf(client).run(work())).to.equal(2);
    const again = log.slice(log.indexOf('end') + 1);
    expect(again).to.deep.equal(['kill session 1', 'start', 'commit', 'end']);
  });

  it('is killed before the next one when the connection was lost inside a bulk write', async () => {
    for (const lost of [new mongo.MongoNetworkError('gone'), noServer()]) {
      const { client, log } = fakeClient();
      const transactions = transactionsOf(client);
      await failing(transactions.run(work(fromBulkWrite(lost))));
      await transactions.run(work());
      expect(log).to.deep.equal(['start', 'end', 'kill session 1', 'start', 'commit', 'end']);
    }
  });

  it('is run again when it fell at its commit', async () => {
    const { client, log } = fakeClient(TRANSIENT);
    expect(await transactionsOf(client).run(work())).to.equal(2);
    expect(log).to.deep.equal(['start', 'commit', 'end', 'start', 'commit', 'end']);
  });

  it('is not run again for anything else', async () => {
    const { client, log } = fakeClient();
    const defect = new TypeError('a defect');
    expect(await failing(transactionsOf(client).run(work(defect)))).to.equal(defect);
    expect(log).to.deep.equal(['start', 'end']);
  });

  it('does not look for a server again when none was found', async () => {
    const none = labelled(noServer(), 'TransientTransactionError', 'UnknownTransactionCommitResult');
    const atCommit = fakeClient(none);
    expect(await failing(transactionsOf(atCommit.client).run(work()))).to.equal(none);
    expect(atCommit.log).to.deep.equal(['start', 'commit', 'end']);
    const before = fakeClient();
    expect(await failing(transactionsOf(before.client).run(work(none)))).to.equal(none);
    expect(before.log).to.deep.equal(['start', 'end']);
  });
});
