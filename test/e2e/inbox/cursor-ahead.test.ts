import { expect } from 'chai';
import mongoose from 'mongoose';
import { EventStream } from '../../support/http/event-stream.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { HttpClient } from '../../support/http/http-client.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';

/** The program polls every 15 s; this leaves some more. */
const FOUND_WITHIN_MS = 20_000;

describe('An inbox that was set back behind its readers, on the full back end', function () {
  this.timeout(120_000);
  let env: ProgramEnv;
  let program: SpawnedProgram;
  let client: HttpClient;

  before(async () => {
    env = await fullBackend();
    program = await SpawnedProgram.start(env);
    client = new HttpClient(program.url);
    for (const message of ['1', '2', '3']) {
      await client.send({ from: 'a', to: 'b', message }, { prefer: 'wait=20' });
    }
  });
  after(() => program.stop());

  it('ends its streams and polls, and returns 409 until readers start again', async () => {
    const stream = await EventStream.open(client.url('/clients/b/inbox/stream?after=0'));
    await stream.waitForEvents(3);
    const began = performance.now();
    const poll = client.request('/clients/b/inbox?after=3&wait=30');
    await restoreInbox(env['MONGODB_URI'] ?? '', 'b', 2);
    const [polled] = await Promise.all([poll, stream.waitForEnd()]);
    expect(performance.now() - began).to.be.below(FOUND_WITHIN_MS);
    expect([polled.status, JSON.parse(polled.text).code]).to.deep.equal([409, 'cursor-ahead']);

    const again = await client.request('/clients/b/inbox/stream', { headers: { 'last-event-id': '3' } });
    const page = await client.request('/clients/b/inbox?after=3');
    expect([again.status, page.status]).to.deep.equal([409, 409]);
    const headers = { 'content-type': 'application/json' };
    const read = { method: 'POST', headers, body: '{"through":"3"}' };
    expect((await client.request('/clients/b/inbox/read', read)).status).to.equal(204);

    const fromStart = JSON.parse((await client.request('/clients/b/inbox?after=0')).text);
    expect(fromStart.messages.map(({ message }: { message: string }) => message)).to.deep.equal(['1', '2']);
  });

  it('returns 409 if the inbox is gone', async () => {
    await removeInbox(env['MONGODB_URI'] ?? '', 'b');
    expect((await client.request('/clients/b/inbox?after=2')).status).to.equal(409);
  });
});

/** Restores the inbox as it was in an older copy of the database. */
function restoreInbox(uri: string, client: string, last: number): Promise<void> {
  return inDatabase(uri, async (db) => {
    await db.collection('postrider_messages').deleteMany({ to: client, number: { $gt: last } });
    await db.collection<{ _id: string }>('postrider_inboxes').updateOne({ _id: client }, { $set: { last } });
  });
}

function removeInbox(uri: string, client: string): Promise<void> {
  return inDatabase(uri, async (db) => {
    await db.collection('postrider_messages').deleteMany({ to: client });
    await db.collection<{ _id: string }>('postrider_inboxes').deleteOne({ _id: client });
  });
}

async function inDatabase(uri: string, work: (db: mongoose.mongo.Db) => Promise<void>): Promise<void> {
  const client = new mongoose.mongo.MongoClient(uri);
  try {
    await work(client.db());
  } finally {
    await client.close();
  }
}
