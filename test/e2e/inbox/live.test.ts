import { expect } from 'chai';
import mongoose from 'mongoose';
import { freePort } from '../../../scripts/stack/free-port.js';
import type { MongoServer } from '../../../scripts/stack/server.js';
import { newMongo } from '../../../scripts/stack/servers.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { LiveReader } from '../../support/clients/live-reader.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';
import { RetryingSender } from '../../support/clients/retrying-sender.js';

/** How long a message without a signal may stay unseen; see InboxWatch. */
const NET_MS = 15_000;
const CLIENTS = ['live-0', 'live-1', 'live-2'];

describe('A live stream on the full back end', function () {
  this.timeout(120_000);
  let mongo: MongoServer;
  let api: SpawnedProgram;
  let receiver: SpawnedProgram;
  let senders: RetryingSender[];
  let readers: LiveReader[];
  let apiEnv: ProgramEnv;
  let receiverEnv: ProgramEnv;

  before(async () => {
    mongo = await newMongo();
    await mongo.start();
  });
  after(() => mongo.remove());

  beforeEach(async () => {
    const env: ProgramEnv = { ...(await fullBackend()), LOG_LEVEL: 'warn' };
    const uri = `${mongo.address}/${env['KAFKA_TOPIC'] ?? ''}?directConnection=true`;
    apiEnv = { ...env, MONGODB_URI: uri, ROLES: 'api', PORT: String(await freePort()) };
    receiverEnv = { ...env, MONGODB_URI: uri, ROLES: 'receiver' };
    [api, receiver] = await Promise.all([SpawnedProgram.start(apiEnv), SpawnedProgram.start(receiverEnv)]);
    const { url } = api;
    readers = CLIENTS.map((client) => new LiveReader(client, url));
    await Promise.all(readers.map((reader) => reader.waitUntilOpened()));
    senders = CLIENTS.map((client) => new RetryingSender(client, () => url));
  });

  afterEach(async () => {
    for (const reader of readers) reader.close();
    for (const program of [api, receiver]) program.kill('SIGKILL');
    await Promise.all([api.ended, receiver.ended, ...senders.map((sender) => sender.abandon())]);
  });

  /** Starts new senders where the previous ones stopped. */
  function goOn(): void {
    senders = readers.map(({ client, texts }) => new RetryingSender(client, () => api.url, texts));
  }

  const more = (count: number): Promise<unknown> =>
    Promise.all(senders.map((sender) => sender.waitForMore(count)));

  async function everyoneHasSeenEverything(): Promise<void> {
    await Promise.all(senders.map((sender) => sender.stop()));
    for (const [n, { sent, retries }] of senders.entries()) {
      const reader = readers[n];
      await reader?.waitForEvents(sent.length, 60_000);
      expect(reader?.texts).to.deep.equal(sent);
      expect(reader?.events.map(({ id }) => id)).to.deep.equal(sent.map((_, at) => String(at + 1)));
      print(
        `${String(sent.length)} sent, ${String(retries)} sends repeated, ${String(reader?.opened)} times open`,
      );
    }
  }

  it('misses and repeats nothing when the api is killed and started again', async () => {
    await more(100);
    api.kill('SIGKILL');
    await api.ended;
    api = await SpawnedProgram.start(apiEnv);
    await more(100);
    await everyoneHasSeenEverything();
    for (const { opened, closeReasons } of readers) {
      expect(opened, api.stderr).to.equal(2);
      expect(closeReasons).to.deep.equal([]);
    }
  });

  it('stays open, and misses and repeats nothing, when MongoDB is killed and started again', async () => {
    await more(100);
    await mongo.kill();
    await more(20);
    await mongo.start();
    await more(100);
    await everyoneHasSeenEverything();
    for (const { opened, closeReasons } of readers) {
      expect(opened, api.stderr).to.equal(1);
      expect(closeReasons).to.deep.equal([]);
    }
  });

  it('opens while MongoDB is down, and continues when it is back', async () => {
    await more(50);
    const [reader = expect.fail('no reader')] = readers;
    await mongo.kill();
    const late = new LiveReader(reader.client, api.url);
    try {
      await late.waitUntilOpened();
      await mongo.start();
      await more(50);
      await late.waitForEvents(50);
      const { texts } = late;
      // Either stream may receive a message first.
      await reader.waitForEvents(texts.length);
      expect(texts).to.deep.equal(reader.texts.slice(0, texts.length));
      expect(late.closeReasons).to.deep.equal([]);
    } finally {
      late.close();
    }
    await everyoneHasSeenEverything();
  });

  it('stays open and is woken if the change stream has to restart without a resume token', async () => {
    await more(50);
    await Promise.all(senders.map((sender) => sender.stop()));
    await Promise.all(readers.map((reader, n) => reader.waitForEvents(senders[n]?.sent.length ?? 0)));
    await invalidateChangeStreams(receiverEnv['MONGODB_URI'] ?? '');
    // Stores one message that no change stream sees, because one stream has ended and the next begins later.
    const began = Date.now();
    const seen = readers.map(({ events }) => events.length);
    goOn();
    await Promise.all(senders.map((sender) => sender.stop()));
    await Promise.all(readers.map((reader, n) => reader.waitForEvents((seen[n] ?? 0) + 1, NET_MS / 3)));
    print(`the next message came within ${String(Date.now() - began)} ms`);
    expect(api.stderr).to.include('store.signals-interrupted');
    goOn();
    await more(50);
    await everyoneHasSeenEverything();
    for (const { opened } of readers) expect(opened, api.stderr).to.equal(1);
  });

  it('stays open, and misses and repeats nothing, when the receiver is killed and started again', async () => {
    await more(100);
    receiver.kill('SIGKILL');
    await receiver.ended;
    await more(20);
    receiver = await SpawnedProgram.start(receiverEnv);
    await more(100);
    await everyoneHasSeenEverything();
    for (const { opened, closeReasons } of readers) {
      expect(opened, api.stderr).to.equal(1);
      expect(closeReasons).to.deep.equal([]);
    }
  });
});

/** Drops and recreates the collection, which ends the history of its change streams. */
async function invalidateChangeStreams(uri: string): Promise<void> {
  const client = new mongoose.mongo.MongoClient(uri);
  try {
    const collection = await client.db().collection('postrider_inboxes').rename('moved');
    await collection.rename('postrider_inboxes');
  } finally {
    await client.close();
  }
}

function print(text: string): void {
  process.stdout.write(`        ${text}\n`);
}
