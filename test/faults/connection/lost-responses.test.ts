import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Server } from '../../../scripts/stack/server.js';
import { newKafka } from '../../../scripts/stack/servers.js';
import { freePort } from '../../../scripts/stack/free-port.js';
import { TcpProxy } from '../../support/servers/tcp-proxy.js';
import { testMongo } from '../../support/servers/test-servers.js';
import { FaultRun } from '../fault-run.js';
import { MongoFaultStore } from '../stores/mongo-store.js';

const LOSSES = 12;

describe("The full back end, when the broker's responses are lost on the wire", function () {
  this.timeout(180_000);
  const run = new FaultRun();
  const database = `${run.name}-test`;
  let kafka: Server;
  let proxy: TcpProxy;
  let store: MongoFaultStore;

  before(async () => {
    // The broker directs its clients to the proxy, so that every connection but the first goes through it.
    const port = await freePort();
    proxy = await TcpProxy.listen(() => port);
    kafka = await newKafka({ port, advertisedPort: proxy.port });
    await kafka.start();
    store = new MongoFaultStore(await testMongo(), database);
  });

  after(async () => {
    await run.end();
    await store.close();
    await proxy.close();
    await kafka.remove();
  });

  it('loses nothing, repeats nothing, dead-letters nothing, and resumes by itself', async () => {
    const program = await run.start({
      KAFKA_BROKER: kafka.address,
      MONGODB_URI: `${await testMongo()}/${database}?directConnection=true`,
      KAFKA_PARTITIONS: '6',
    });
    const traffic = run.send(() => program);
    await traffic.more(300);
    for (let loss = 0; loss < LOSSES; loss += 1) {
      proxy.loseResponses();
      await sleep(60);
      proxy.passResponses();
      await sleep(940);
    }
    // Longer than a send may take: by now the log is down, and must be reported so.
    proxy.loseResponses();
    await sleep(8_000);
    proxy.passResponses();
    await traffic.more(300);
    const { counts } = await run.verify(store);
    expect(counts.failed).to.equal(0);
    expect([...run.reportedDown]).to.deep.equal(['log']);
  });
});
