import { expect } from 'chai';
import mongoose from 'mongoose';
import { beginReplay, takeForJob } from '../../../../src/domain/failures/failure-actions.js';
import { aDeadLetter } from '../../../support/builders.js';
import { testMongoUri } from '../../../support/servers/test-servers.js';
import { startedHandle, type MongoHandle } from '../mongo-test-store.js';

const RULES = { messageMaxLength: 1_000, maxReplays: 5, leaseMs: 30_000 };
const ORDER = { id: 'act 1', at: 1_000, force: false };
/** The number of attempts to commit before the whole transaction is repeated. */
const COMMITS = 3;

describe('An action whose transaction was committed without a response', () => {
  let store: MongoHandle;
  before(async () => {
    store = await startedHandle(await testMongoUri());
  });
  after(() => store.close());

  /** Makes the next transaction take effect while all its commits get an unknown result. */
  const loseNextAnswers = (): Promise<void> =>
    store.connection.use('writes', ({ client }) => {
      const start = client.startSession.bind(client);
      client.startSession = (options) => {
        client.startSession = start;
        const session = start(options);
        const commit = session.commitTransaction.bind(session);
        let calls = 0;
        session.commitTransaction = async () => {
          if ((calls += 1) === 1) await commit();
          if (calls > COMMITS) return;
          const unknown = new mongoose.mongo.MongoNetworkError('connection closed');
          unknown.addErrorLabel('UnknownTransactionCommitResult');
          throw unknown;
        };
        return session;
      };
      return Promise.resolve();
    });

  const failed = async (): Promise<string> => {
    const { letter } = aDeadLetter();
    await store.ledger.settle([{ kind: 'dead-letter', letter }]);
    return letter.id;
  };

  it('resolves with the failure that it changed, instead of conflicting with itself', async () => {
    const id = await failed();
    await loseNextAnswers();
    const replayed = await store.ledger.amend(id, (failure) => beginReplay(failure, ORDER, RULES));
    expect(replayed).to.include({ state: 'replaying', replays: 1 });
    expect((await store.archive.find(id))?.failure).to.include({ state: 'replaying', replays: 1 });
  });

  it('resolves with the failures that a bulk replay marked', async () => {
    const ids = [await failed(), await failed()];
    const order = { ...ORDER, job: '0123456789abcdef01234567' };
    await loseNextAnswers();
    const taken = await store.ledger.amendAll(ids, (failure) =>
      takeForJob(failure, order, Number.MAX_SAFE_INTEGER, RULES),
    );
    expect(taken.map((failure) => failure?.state)).to.deep.equal(['replaying', 'replaying']);
  });
});
