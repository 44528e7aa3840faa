import { expect } from 'chai';
import type { mongo } from 'mongoose';
import { documentId } from '../../../../src/adapters/mongodb/schema/documents.js';
import type { MongoStore } from '../../../../src/adapters/mongodb/connection/mongo-store.js';
import type { FailedMessage } from '../../../../src/domain/failures/failed-message.js';
import { aDeadLetter, anId } from '../../../support/builders.js';
import { testMongoUri } from '../../../support/servers/test-servers.js';
import { startedHandle, type MongoHandle } from '../mongo-test-store.js';

const discarded = (failure: FailedMessage): FailedMessage => ({ ...failure, state: 'discarded' });

describe('An action on a failure in MongoDB', function () {
  this.timeout(30_000);
  let store: MongoHandle;
  before(async () => {
    store = await startedHandle(await testMongoUri());
  });
  after(() => store.close());

  /** Runs `work` while a decision has written its documents and not committed them. */
  const beside = (
    write: (mongo: MongoStore, session: mongo.ClientSession) => Promise<unknown>,
    work: (commit: () => Promise<unknown>) => Promise<void>,
  ): Promise<void> =>
    store.connection.use('writes', async (mongo) => {
      const session = mongo.client.startSession();
      try {
        session.startTransaction();
        await write(mongo, session);
        await work(() => session.commitTransaction());
      } finally {
        await session.endSession();
      }
    });

  const failed = async (): Promise<string> => {
    const { letter } = aDeadLetter({ to: `client-${anId()}` });
    await store.ledger.settle([{ kind: 'dead-letter', letter }]);
    return letter.id;
  };

  it('does not wait for deliveries to its inbox', async () => {
    const id = await failed();
    const to = (await store.archive.find(id))?.failure?.to ?? '';
    await beside(
      ({ inboxes }, session) => inboxes.updateOne({ _id: to }, { $inc: { revision: 1 } }, { session }),
      async () => {
        expect(await store.ledger.amend(id, discarded)).to.include({ state: 'discarded' });
      },
    );
  });

  it('waits for a decision about the same failure, and sees its result', async () => {
    const id = await failed();
    const seen: string[] = [];
    await beside(
      ({ messages }, session) =>
        messages.updateOne({ _id: documentId(id) }, { $set: { 'failure.state': 'resolved' } }, { session }),
      async (commit) => {
        const act = store.ledger.amend(id, (failure) => {
          seen.push(failure.state);
          return failure.state === 'unresolved' ? discarded(failure) : undefined;
        });
        while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        await commit();
        expect(await act).to.equal(undefined);
      },
    );
    expect(seen.at(0)).to.equal('unresolved');
    expect(seen.at(-1)).to.equal('resolved');
  });
});
