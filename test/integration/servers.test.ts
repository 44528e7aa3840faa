import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import mongoose from 'mongoose';
import { expect } from 'chai';
import { pingKafka, pingMongo } from '../../scripts/stack/ping.js';
import { serverKind } from '../../scripts/stack/availability.js';
import { DockerStack } from '../../scripts/stack/docker-stack.js';
import { freePort } from '../../scripts/stack/free-port.js';
import { LocalStack } from '../../scripts/stack/local-stack.js';
import type { Server } from '../../scripts/stack/server.js';
import { newKafka, newMongo } from '../../scripts/stack/servers.js';
import { checkedDatabase } from '../support/servers/test-servers.js';

// In Docker they are those of docker-compose.yml, on fixed ports.
const canRunWithoutDocker = (await serverKind('local')) === 'local';

describe('The servers of tests and benchmarks', function () {
  this.timeout(120_000);
  let server: Server | undefined;

  afterEach(async () => {
    await server?.remove();
    server = undefined;
  });

  async function isAnswered(asking: Promise<void>): Promise<boolean> {
    return asking.then(
      () => true,
      () => false,
    );
  }

  async function asAdmin<T>(address: string, use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    return use(admin).finally(() => admin.disconnect());
  }

  it('keep the topics of Kafka through a kill, on the same port', async () => {
    const kafka = (server = await newKafka());
    await kafka.start();
    await asAdmin(kafka.address, (admin) => admin.createTopics({ topics: [{ topic: 'kept' }] }));
    await kafka.kill();
    expect(await isAnswered(pingKafka(kafka.address))).to.equal(false);
    await kafka.start();
    expect(await asAdmin(kafka.address, (admin) => admin.listTopics())).to.include('kept');
  });

  it('keep the documents of MongoDB through a kill, on the same port, with access control', async () => {
    const mongo = await newMongo({ auth: true });
    server = mongo;
    await mongo.start();
    const client = new mongoose.mongo.MongoClient(mongo.adminAddress, { directConnection: true });
    const documents = client.db('test').collection('kept');
    await documents.insertOne({ kept: true }, { writeConcern: { w: 'majority', journal: true } });
    await mongo.kill();
    expect(await isAnswered(pingMongo(mongo.adminAddress))).to.equal(false);
    await mongo.start();
    expect(await documents.countDocuments()).to.equal(1);
    await client.close();
    const stranger = new mongoose.mongo.MongoClient(mongo.address, { directConnection: true });
    const error: unknown = await stranger
      .db('test')
      .collection('kept')
      .findOne()
      .catch((reason: unknown) => reason);
    await stranger.close();
    expect(error).to.have.property('codeName', 'Unauthorized');
  });

  it('answer nothing while they are paused, and continue afterwards', async () => {
    const mongo = (server = await newMongo({ replicaSet: false }));
    await mongo.start();
    await mongo.pause();
    const asked = pingMongo(mongo.address);
    expect(await isAnswered(asked)).to.equal(false);
    await mongo.resume();
    await pingMongo(mongo.address);
  });

  it('reject a database without "test" in its name', () => {
    expect(() => checkedDatabase('messaging-db')).to.throw('has no "test" in its name');
  });

  if (canRunWithoutDocker) {
    it('start for developers, are left alone if they are up, and stop', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'postrider-stack-'));
      const [kafkaPort, mongodbPort] = [await freePort(), await freePort()];
      const stack = new LocalStack(folder, kafkaPort, mongodbPort);
      try {
        await stack.up();
        await stack.up();
        await new DockerStack(`localhost:${kafkaPort}`, `mongodb://localhost:${mongodbPort}`).up();
        await pingKafka(`localhost:${kafkaPort}`);
        await pingMongo(`mongodb://localhost:${mongodbPort}/messaging-db?directConnection=true`, true);
        await stack.down();
        expect(await isAnswered(pingKafka(`localhost:${kafkaPort}`))).to.equal(false);
        await stack.down();
      } finally {
        await stack.down();
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});
