import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import mongoose from 'mongoose';
import type { MongoServer, Server } from '../../../scripts/stack/server.js';
import { newKafka, newMongo } from '../../../scripts/stack/servers.js';
import { FaultRun } from '../fault-run.js';
import { MongoFaultStore } from '../stores/mongo-store.js';

describe('The full back end, when its MongoDB user loses its rights', function () {
  this.timeout(180_000);
  const run = new FaultRun();
  const database = `${run.name}-test`;
  const role = { role: 'readWrite', db: database };
  let kafka: Server;
  let mongo: MongoServer;
  let admin: mongoose.mongo.MongoClient;
  let store: MongoFaultStore;

  before(async () => {
    kafka = await newKafka();
    mongo = await newMongo({ auth: true });
    await Promise.all([kafka.start(), mongo.start()]);
    admin = new mongoose.mongo.MongoClient(mongo.adminAddress, { directConnection: true });
    await admin.db(database).command({ createUser: 'postrider', pwd: 'secret', roles: [role] });
    store = new MongoFaultStore(mongo.adminAddress, database);
  });

  after(async () => {
    await run.end();
    await Promise.all([store.close(), admin.close()]);
    await Promise.all([kafka.remove(), mongo.remove()]);
  });

  it('loses nothing in 15 s without rights, dead-letters nothing, and resumes by itself', async () => {
    const host = mongo.address.replace('//', '//postrider:secret@');
    const program = await run.start({
      KAFKA_BROKER: kafka.address,
      MONGODB_URI: `${host}/${database}?directConnection=true&authSource=${database}`,
      KAFKA_PARTITIONS: '6',
    });
    const traffic = run.send(() => program);
    const readers = run.read(() => program);
    await traffic.more(500);
    await admin.db(database).command({ revokeRolesFromUser: 'postrider', roles: [role] });
    await sleep(15_000);
    await admin.db(database).command({ grantRolesToUser: 'postrider', roles: [role] });
    await traffic.more(500);
    const { counts } = await run.verify(store);
    expect(counts.failed).to.equal(0);
    expect([...run.reportedDown]).to.deep.equal(['store']);
    expect(readers.history.resumptions, 'streams that ended').to.equal(0);
  });
});
