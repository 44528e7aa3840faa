import { expect } from 'chai';
import { mongo } from 'mongoose';
import { Conversation, type Listed } from '../../support/clients/conversation.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';

const SENT = 'Fri Nov 20 2026 07:00:05 GMT+0000 (Coordinated Universal Time)';

describe('A database that the NestJS service has used', function () {
  this.timeout(60_000);
  let env: ProgramEnv;
  let program: SpawnedProgram;
  const ids = Array.from({ length: 5 }, () => new mongo.ObjectId());
  const failedId = new mongo.ObjectId();

  before(async () => {
    env = await fullBackend();
    const client = await mongo.MongoClient.connect(String(env['MONGODB_URI']));
    const document = { from: 'clientA', to: 'clientB', message: 'theirs', send_time: SENT, __v: 0 };
    await client
      .db()
      .collection('messages')
      .insertMany(ids.map((_id) => ({ ...document, _id })));
    await client
      .db()
      .collection('messagedlqs')
      .insertOne({ ...document, _id: failedId, reason: 'no room', failedAt: new Date(1_800_000_000_000) });
    await client.close();
    program = await SpawnedProgram.start({ ...env, TZ: 'UTC' });
  });
  after(() => program.stop());

  it('is listed unchanged, in one list and in pages', async () => {
    const conversation = new Conversation(program.url);
    expect(await conversation.send({ from: 'clientA', to: 'clientB', message: 'ours' })).to.equal(201);
    const rows = await conversation.storedMessages(6);
    const theirs = { from: 'clientA', to: 'clientB', message: 'theirs', send_time: SENT, __v: 0 };
    expect(rows.slice(0, 5)).to.deep.equal(ids.map((_id) => ({ _id: _id.toHexString(), ...theirs })));
    expect(rows[5]).to.include({ message: 'ours' });

    const seen: Listed[] = [];
    let path: string | undefined = '/messages?limit=2';
    while (path !== undefined) {
      const response = await fetch(`${program.url}${path}`);
      seen.push(...((await response.json()) as Listed[]));
      path = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    }
    expect(seen).to.deep.equal(rows);
  });

  it('shows its failures, and what to do before they can be replayed', async () => {
    const rows: unknown = await (await fetch(`${program.url}/failed-messages`)).json();
    const id = failedId.toHexString();
    const told = { reason: 'no room', failedAt: '2027-01-15T08:00:00.000Z', send_time: SENT, __v: 0 };
    const more = { state: 'unresolved', code: 'foreign-dead-letter', disposition: 'rejected' };
    const texts = { from: 'clientA', to: 'clientB', message: 'theirs' };
    expect(rows).to.deep.equal([{ _id: id, ...texts, ...told, ...more }]);
    const replay = await fetch(`${program.url}/failed-messages/${id}/replay`, { method: 'POST' });
    expect(replay.status).to.equal(409);
    expect(await replay.json()).to.include({ code: 'not-taken-over', state: 'unresolved' });
  });

  it('returns the status of a single message and of a single failure', async () => {
    const life = await fetch(`${program.url}/messages/${String(ids[0])}`);
    expect(await life.json()).to.include({ status: 'stored', message: 'theirs', failures: 0 });
    const failure = await fetch(`${program.url}/failed-messages/${failedId.toHexString()}`);
    expect(await failure.json()).to.include({ state: 'unresolved', reason: 'no room', attempts: 0 });
  });
});
