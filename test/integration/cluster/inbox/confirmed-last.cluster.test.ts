import { expect } from 'chai';
import type { LocalMongoSet } from '../../../../scripts/stack/local-mongo-set.js';
import { newMongoSet } from '../../../../scripts/stack/servers.js';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { InboxPages } from '../../../../src/application/inbox/inbox-pages.js';
import { CursorAhead } from '../../../../src/domain/inbox/inbox.js';
import { aDelivery } from '../../../support/builders.js';
import { freshDatabase } from '../../../support/servers/test-servers.js';
import { realClock, startedHandle, type MongoHandle } from '../../mongodb/mongo-test-store.js';

describe('A cursor beyond the end of an inbox on three MongoDB nodes', function () {
  this.timeout(120_000);
  let set: LocalMongoSet;
  let store: MongoHandle;
  let pages: InboxPages;

  before(async () => {
    // A primary needs up to this long to notice that it is isolated.
    set = await newMongoSet({ electionTimeoutMs: 20_000 });
    await set.start();
    store = await startedHandle(set.databaseAddress(freshDatabase()));
    pages = new InboxPages(store.reader, realClock);
    await store.ledger.settle([aDelivery({ to: 'a' })]);
  });
  after(async () => {
    await store?.close();
    await set?.remove();
  });

  const rejection = async (after: number): Promise<unknown> =>
    pages.page('a', after, 10).then(
      () => undefined,
      (error: unknown) => error,
    );

  it('counts as an outage after 2 s while the primary has no majority, and as ahead when it has one', async () => {
    expect(await rejection(2)).to.be.instanceOf(CursorAhead);
    const frozen = await set.secondaries();
    await Promise.all(frozen.map((node) => node.pause()));
    try {
      const began = performance.now();
      expect(await rejection(2)).to.be.instanceOf(DependencyUnavailable);
      expect(performance.now() - began).to.be.within(1_900, 5_000);
      // A cursor within the inbox needs no confirmed read.
      expect(await rejection(1)).to.equal(undefined);
    } finally {
      await Promise.all(frozen.map((node) => node.resume()));
    }
    expect(await rejection(2)).to.be.instanceOf(CursorAhead);
  });
});
