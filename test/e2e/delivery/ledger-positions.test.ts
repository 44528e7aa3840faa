import { expect } from 'chai';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { mongo } from 'mongoose';
import { Conversation, type Listed } from '../../support/clients/conversation.js';
import { eventually } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';

const numbered = (word: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `${word} ${String(from + n)}`);

describe('With positions in Kafka and in MongoDB, the program', function () {
  this.timeout(120_000);
  let env: ProgramEnv;
  let topic: string;
  let group: string;
  let program: SpawnedProgram | undefined;
  let admin: Admin;
  let client: mongo.MongoClient;

  beforeEach(async () => {
    env = { ...(await fullBackend()), KAFKA_PARTITIONS: '1' };
    topic = String(env['KAFKA_TOPIC']);
    group = `${String(env['KAFKA_GROUP_PREFIX'])}-receiver`;
    admin = new Kafka({ brokers: [String(env['KAFKA_BROKER'])], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    client = await mongo.MongoClient.connect(String(env['MONGODB_URI']));
  });

  afterEach(async () => {
    await program?.stop();
    program = undefined;
    await Promise.all([admin.disconnect(), client.close()]);
  });

  const start = async (more: ProgramEnv = {}): Promise<SpawnedProgram> => {
    program = await SpawnedProgram.start({ ...env, ...more });
    return program;
  };
  const stop = async (): Promise<void> => {
    await program?.stop();
    program = undefined;
  };
  const send = async (...texts: string[]): Promise<void> => {
    const conversation = new Conversation(program!.url);
    for (const message of texts) {
      const answer = () => conversation.send({ from: 'clientA', to: 'clientB', message });
      await eventually(async () => (await answer()) === 201);
    }
  };
  /** The inbox as soon as it has this many messages. */
  const inbox = async (count: number): Promise<string[]> => {
    let texts: string[] = [];
    await eventually(
      async () => {
        const page = await fetch(`${program!.url}/clients/clientB/inbox?limit=1000`);
        const { messages } = (await page.json()) as { messages: Listed[] };
        texts = messages.map(({ message }) => message);
        return texts.length >= count;
      },
      () => `${String(texts.length)} of ${String(count)}`,
      20_000,
    );
    return texts;
  };
  const metric = async (name: string): Promise<number> => {
    const metrics = await (await fetch(`${program!.url}/metrics`)).text();
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)$`, 'm').exec(metrics)?.[1] ?? 0);
  };
  const logState = async (): Promise<string | undefined> => {
    const response = await fetch(`${program!.url}/health/ready`);
    const { dependencies } = (await response.json()) as { dependencies: Record<string, { state: string }> };
    return dependencies['log']?.state;
  };
  const lines = (event: string) => program!.logLines().filter((line) => line['event'] === event);

  /** Deletes the group, as the broker does seven days after the last member has left. */
  const forgetGroup = async (): Promise<void> => {
    await eventually(async () => {
      const { groups } = await admin.describeGroups([group]);
      return groups[0]?.state === 'Empty';
    });
    await admin.deleteGroups([group]);
  };

  /** Drops everything in the log, as its retention would. */
  const trimLog = async (): Promise<void> => {
    const ends = await admin.fetchTopicOffsets(topic);
    const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
    await admin.deleteTopicRecords({ topic, partitions });
  };

  /** Every document of the program, as a copy of the database has them. */
  const copy = async (): Promise<Map<string, mongo.Document[]>> => {
    const names = (await client.db().listCollections().toArray()).map(({ name }) => name);
    const copies = new Map<string, mongo.Document[]>();
    for (const name of names) copies.set(name, await client.db().collection(name).find().toArray());
    return copies;
  };
  const restore = async (copies: ReadonlyMap<string, mongo.Document[]>): Promise<void> => {
    for (const [name, documents] of copies) {
      await client.db().collection(name).deleteMany({});
      if (documents.length > 0) await client.db().collection(name).insertMany(documents);
    }
  };

  it("counts records that the log dropped after Kafka forgot the group's offsets", async () => {
    await start();
    await send('first', 'second');
    await inbox(2);
    await stop();
    await start({ ROLES: 'api' });
    await send(...numbered('lost', 0, 5));
    await trimLog();
    await send('left');
    await stop();
    await forgetGroup();
    await start();
    expect(await inbox(3)).to.deep.equal(['first', 'second', 'left']);
    expect(await metric('postrider_records_lost_total')).to.equal(5);
    expect(await logState()).to.equal('degraded');
    expect(lines('log.records-lost')).to.have.length(1);
    expect(lines('log.records-lost')[0]).to.include({ cause: 'dropped', from: 2, to: 7, count: 5 });
  });

  it("continues at the ledger's position after Kafka forgot the group, and reads nothing again", async () => {
    await start();
    await send('first', 'second');
    await inbox(2);
    await stop();
    await forgetGroup();
    await start();
    await send('third');
    expect(await inbox(3)).to.deep.equal(['first', 'second', 'third']);
    expect(await metric('postrider_duplicates_total')).to.equal(0);
    expect([await logState(), lines('log.records-lost')]).to.deep.equal(['up', []]);
  });

  it('fills a ledger that was restored from an older copy, with each message once and in order', async () => {
    await start();
    await send(...numbered('message', 0, 10));
    await inbox(10);
    await stop();
    const older = await copy();
    await start();
    await send(...numbered('message', 10, 25));
    await inbox(25);
    await stop();
    await restore(older);
    await start();
    expect(await inbox(25)).to.deep.equal(numbered('message', 0, 25));
    expect(lines('log.ledger-behind').map(({ kafka, ledger }) => [kafka, ledger])).to.deep.equal([[25, 10]]);
    await send('later');
    expect(await inbox(26)).to.deep.equal([...numbered('message', 0, 25), 'later']);
    expect([await logState(), lines('log.records-lost')]).to.deep.equal(['up', []]);
  });

  it('stores everything that is still in the log after the database was lost', async () => {
    await start();
    await send(...numbered('message', 0, 25));
    await inbox(25);
    await stop();
    await client.db().dropDatabase();
    await start();
    expect(await inbox(25)).to.deep.equal(numbered('message', 0, 25));
    expect(lines('log.ledger-behind').map(({ kafka, ledger }) => [kafka, ledger])).to.deep.equal([
      [25, undefined],
    ]);
    // Stopped, so that its position is saved: from here on, the new ledger is like any other.
    await stop();
    await start();
    await send('later');
    expect(await inbox(26)).to.deep.equal([...numbered('message', 0, 25), 'later']);
    expect(await metric('postrider_duplicates_total')).to.equal(0);
    expect(lines('log.ledger-behind')).to.deep.equal([]);
  });

  it('reads some records again after it was killed, and stores nothing twice', async () => {
    await start();
    await send(...numbered('message', 0, 5));
    await inbox(5);
    await stop();
    await start();
    await send(...numbered('message', 5, 10));
    await inbox(10);
    const killed = program;
    program = undefined;
    killed?.kill('SIGKILL');
    await killed?.ended;
    await start();
    await send('later');
    expect(await inbox(11)).to.deep.equal([...numbered('message', 0, 10), 'later']);
    expect(await metric('postrider_duplicates_total')).to.equal(5);
  });
});
