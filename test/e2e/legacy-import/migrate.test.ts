import { expect } from 'chai';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { createConnection, mongo, Schema } from 'mongoose';
import { Conversation, type Listed } from '../../support/clients/conversation.js';
import { eventually } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { runMigration } from '../../support/program/spawned-migration.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';

const GROUP = 'nest-service-server';
const SENT = 'Fri Nov 20 2026 07:00:05 GMT+0000 (Coordinated Universal Time)';
/** The messages that are only in its collections, because their records are no longer in the log. */
const OLD = 3_000;
const RECORDS = 10;
/** How many records of each partition that service had stored; of the last partition none. */
const STORED = [5, 5, 5, 0];

const client = (partition: number): string => `client${String(partition)}`;
const text = (to: string, message: string) => ({ from: 'sender', to, message });
const failure = (n: number) => ({
  ...{ from: 'sender', to: 'client1', message: `failed ${String(n)}`, reason: `no room ${String(n)}` },
  failedAt: new Date(1_790_000_000_000 + n).toISOString(),
});

/** The messages that the service stored, in order. */
function documents() {
  const old = Array.from({ length: OLD }, (_, n) => text('client0', `old ${String(n)}`));
  const stored = STORED.flatMap((count, partition) =>
    Array.from({ length: count }, (_, n) => text(client(partition), `message ${String(n)}`)),
  );
  return [...old, ...stored].map((members) => ({
    _id: new mongo.ObjectId(),
    ...members,
    send_time: SENT,
    __v: 0,
  }));
}

/** The schemas of the service; its models are named Message and MessageDlq. */
const MESSAGE = { from: String, to: String, message: { type: String, required: true }, send_time: String };
const MESSAGE_DLQ = { ...MESSAGE, message: String, reason: String, failedAt: String };

async function leaveDocuments(uri: string): Promise<void> {
  const connection = await createConnection(uri).asPromise();
  await connection.model('Message', new Schema(MESSAGE)).insertMany(documents());
  await connection.model('MessageDlq', new Schema(MESSAGE_DLQ)).create({ ...failure(0), send_time: SENT });
  // Some copies name the model FailedMessage; one database may have the collections of both.
  await connection.model('FailedMessage', new Schema(MESSAGE_DLQ)).create({ ...failure(1), send_time: SENT });
  await connection.collection('rejects').insertOne({ reason: 'no room', failedAt: SENT });
  await connection.close();
}

async function leaveRecords(env: ProgramEnv): Promise<void> {
  const [topic, dead] = [String(env['KAFKA_TOPIC']), String(env['KAFKA_DLQ_TOPIC'])];
  const kafka = new Kafka({ brokers: String(env['KAFKA_BROKER']).split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({
    topics: [topic, dead].map((name) => ({ topic: name, numPartitions: STORED.length })),
    waitForLeaders: true,
  });
  for (const partition of STORED.keys()) {
    const values = Array.from({ length: RECORDS }, (_, n) => text(client(partition), `message ${String(n)}`));
    const messages = values.map((value) => ({ partition, key: value.to, value: JSON.stringify(value) }));
    await producer.send({ topic, messages });
  }
  const letters = [0, 1, 2].map((n) => ({ partition: 0, value: JSON.stringify(failure(n)) }));
  await producer.send({ topic: dead, messages: letters });
  const stands = STORED.flatMap((offset, partition) =>
    offset > 0 ? [{ partition, offset: String(offset) }] : [],
  );
  await admin.setOffsets({ groupId: GROUP, topic, partitions: stands });
  await admin.setOffsets({ groupId: GROUP, topic: dead, partitions: [{ partition: 0, offset: '2' }] });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
}

describe('Migrating from the NestJS service', function () {
  this.timeout(120_000);
  let env: ProgramEnv;
  let program: SpawnedProgram | undefined;

  before(async () => {
    env = await fullBackend();
    await Promise.all([leaveDocuments(String(env['MONGODB_URI'])), leaveRecords(env)]);
  });
  after(() => program?.stop());

  const inbox = async (name: string): Promise<string[]> => {
    const texts: string[] = [];
    for (let after = '0'; ;) {
      const url = `${String(program?.url)}/clients/${name}/inbox?limit=1000&after=${after}`;
      const page = (await (await fetch(url)).json()) as { messages: Listed[]; next: string };
      if (page.messages.length === 0) return texts;
      texts.push(...page.messages.map(({ message }) => message));
      after = page.next;
    }
  };
  const numbered = (word: string, count: number): string[] =>
    Array.from({ length: count }, (_, n) => `${word} ${String(n)}`);

  it('fails for an unknown group, before anything is imported', async () => {
    const { code, stdout, stderr } = await runMigration(env, ['--from-group', 'nobody']);
    const topics = `${String(env['KAFKA_TOPIC'])} or ${String(env['KAFKA_DLQ_TOPIC'])}`;
    expect([code, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.equal(`The import failed: The group nobody has committed no offsets in ${topics}.\n`);
  });

  it('continues after it was killed, and finds nothing more when everything is imported', async () => {
    const args = ['--from-group', GROUP];
    const killed = await runMigration(env, args, 'messages: 1000 of 3015');
    expect(killed.code).to.equal(null);
    const [first, second] = await Promise.all([runMigration(env, args), runMigration(env, args)]);
    for (const { code, stderr } of [first, second]) {
      expect(code).to.equal(0);
      expect(stderr).to.match(/^Not imported: the collection rejects, [^\n]*\n$/);
    }
    expect(first.stdout).to.contain(`starts at the offsets of ${GROUP}, in 3 partitions.`);
    const again = await runMigration(env, args);
    expect(again.stdout.split('\n').at(-2)).to.equal(
      'Imported: 0 messages, 0 failed messages; 0 had been imported before.',
    );
  });

  it('saves the positions in MongoDB too, where they are found after Kafka has forgotten our group', async () => {
    const group = `${String(env['KAFKA_GROUP_PREFIX'])}-receiver`;
    const connection = await mongo.MongoClient.connect(String(env['MONGODB_URI']));
    const rows = await connection
      .db()
      .collection('postrider_positions')
      .find({ next: { $exists: true } })
      .toArray();
    const at = rows.map(
      ({ _id, next }) => [_id, next] as unknown as [{ group: string; partition: number }, number],
    );
    const ours = at.filter(([id]) => id.group === group).map(([{ partition }, next]) => [partition, next]);
    expect(ours.sort()).to.deep.equal([
      [0, 5],
      [1, 5],
      [2, 5],
    ]);
    await connection.close();
    const admin = new Kafka({
      brokers: String(env['KAFKA_BROKER']).split(','),
      logLevel: logLevel.NOTHING,
    }).admin();
    await admin.connect();
    await admin.deleteGroups([group]);
    await admin.disconnect();
  });

  it('keeps every message once and in order, including those sent while no service ran', async () => {
    program = await SpawnedProgram.start(env);
    const conversation = new Conversation(program.url);
    const rows = await conversation.storedMessages(OLD + RECORDS * STORED.length);
    expect(rows).to.have.lengthOf(OLD + RECORDS * STORED.length);
    expect(await inbox('client0')).to.deep.equal([...numbered('old', OLD), ...numbered('message', RECORDS)]);
    for (const name of ['client1', 'client2', 'client3'])
      expect(await inbox(name)).to.deep.equal(numbered('message', RECORDS));
  });

  it('keeps every failure once, with its reason, and can replay it', async () => {
    const conversation = new Conversation(String(program?.url));
    const failed = await conversation.failedMessages(3);
    expect(failed.map(({ reason }) => reason).sort()).to.deep.equal(numbered('no room', 3));
    const taken = failed.find(({ message }) => message === 'failed 0');
    const url = `${String(program?.url)}/failed-messages/${String(taken?._id)}/replay`;
    expect((await fetch(url, { method: 'POST' })).status).to.equal(202);
    await eventually(async () => (await inbox('client1')).length === RECORDS + 1);
    expect((await inbox('client1')).at(-1)).to.equal('failed 0');
    expect(await conversation.failedMessages(2)).to.have.lengthOf(2);
  });

  it('keeps the imported documents unchanged until an operator drops them', async () => {
    const connection = await mongo.MongoClient.connect(String(env['MONGODB_URI']));
    const count = (name: string) => connection.db().collection(name).countDocuments();
    const names = ['messages', 'messagedlqs', 'failedmessages'];
    expect(await Promise.all(names.map(count))).to.deep.equal([0, 0, 0]);
    const backups = names.map((name) => count(`${name}_taken_over`));
    expect(await Promise.all(backups)).to.deep.equal([OLD + 15, 1, 1]);
    const { _id, ...document } = (await connection.db().collection('messages_taken_over').findOne({}))!;
    expect(_id).to.be.instanceOf(mongo.ObjectId);
    expect(document).to.deep.equal({ ...text('client0', 'old 0'), send_time: SENT, __v: 0 });
    await connection.close();
  });

  it('fails after the program has delivered records', async () => {
    await eventually(async () => (await runMigration(env, ['--from-group', GROUP])).code === 1);
    const { stderr } = await runMigration(env, ['--from-group', GROUP]);
    expect(stderr).to.match(/^The import failed: The group \S+ has begun already/);
  });
});
