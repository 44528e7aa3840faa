import { expect } from 'chai';
import type { MongoServer } from '../../../../scripts/stack/server.js';
import { newMongo } from '../../../../scripts/stack/servers.js';
import { aDeadLetter, aDelivery } from '../../../support/builders.js';
import { startedHandle, type MongoHandle } from '../mongo-test-store.js';

describe('Inbox signals of MongoDB', function () {
  this.timeout(120_000);
  let server: MongoServer;
  let store: MongoHandle;
  let heard: (string | undefined)[];

  beforeEach(async () => {
    server = await newMongo();
    await server.start();
    store = await startedHandle(`${server.address}/test-signals?directConnection=true`);
    heard = [];
    store.signals.subscribe((client) => heard.push(client));
    await hears(undefined);
  });
  afterEach(async () => {
    await store.close();
    await server.remove();
  });

  async function hears(client: string | undefined): Promise<void> {
    for (const end = Date.now() + 40_000; !heard.includes(client);) {
      if (Date.now() > end) throw new Error(`no signal for ${String(client)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function stored(to: string): Promise<void> {
    for (;;) {
      const error: unknown = await store.ledger.settle([aDelivery({ to })]).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) return;
    }
  }

  it('wake every waiter when the stream opens, signal failures too, and ignore probes', async () => {
    await store.ledger.settle([aDeadLetter({ to: 'failed' })]);
    await store.ledger.probe();
    await stored('a');
    await hears('a');
    expect(heard).to.deep.equal([undefined, 'failed', 'a']);
  });

  it('miss nothing that was stored while the stream was down', async () => {
    await stored('before');
    await hears('before');
    heard.length = 0;
    await server.kill();
    await server.start();
    for (const client of ['a', 'b', 'c']) await stored(client);
    await hears('c');
    expect(heard).to.include.members(['a', 'b', 'c']);
  });

  it('restart and wake every waiter if there is no resume token', async () => {
    heard.length = 0;
    await store.connection.use('writes', ({ inboxes }) => inboxes.drop());
    await hears(undefined);
    await stored('after');
    await hears('after');
  });
});
