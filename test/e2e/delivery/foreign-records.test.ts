import { expect } from 'chai';
import type { Producer } from 'kafkajs';
import { Conversation } from '../../support/clients/conversation.js';
import { eventually } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { otherProducer } from '../../support/clients/other-producer.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';

describe('Records that another program writes to the message topic', function () {
  this.timeout(60_000);
  let env: ProgramEnv;
  let program: SpawnedProgram;
  let conversation: Conversation;
  let producer: Producer;

  before(async () => {
    env = await fullBackend();
    program = await SpawnedProgram.start(env);
    conversation = new Conversation(program.url);
    producer = await otherProducer(env, conversation);
  });

  after(async () => {
    await producer.disconnect();
    await program.stop();
  });

  const write = async (key: string, value: string, headers: Record<string, string> = {}): Promise<void> => {
    const topic = String(env['KAFKA_TOPIC']);
    await producer.send({ topic, acks: -1, messages: [{ key, value, headers }] });
  };

  it('are stored once each, even if they have their own id and arrive twice', async () => {
    const plain = { from: 'other', to: 'second', message: 'no id at all' };
    await write('second', JSON.stringify(plain));
    const named = JSON.stringify({ ...plain, id: 'my-own-id', message: 'an id of its own' });
    await write('second', named);
    await write('second', named);
    await write('second', JSON.stringify({ ...plain, message: 'the last one' }));
    const rows = await conversation.storedMessages(4);
    const texts = rows.filter(({ to }) => to === 'second').map(({ message }) => message);
    expect(texts).to.have.members(['no id at all', 'an id of its own', 'the last one']);
    expect(rows.every(({ _id }) => /^[0-9a-f]{24}$/.test(_id))).to.equal(true);
  });

  it('become failed messages if they are undecodable or break the rules', async () => {
    await write('third', 'this is no JSON');
    await write('third', JSON.stringify({ from: 'other', to: 'third' }));
    const rows = await conversation.failedMessages(2);
    expect(rows.map(({ reason }) => reason)).to.include(
      'Message validation failed: message: Path `message` is required.',
    );
    const unreadable = rows.find(({ from }) => from === '');
    expect(Buffer.from(unreadable?.message ?? '', 'base64').toString()).to.equal('this is no JSON');
  });

  it('become separate failures if their id belongs to another message', async () => {
    const id = '0123456789abcdef01234567';
    const first = { id, from: 'other', to: 'fourth', message: 'the first' };
    await write('fourth', JSON.stringify(first));
    await write('fourth', JSON.stringify({ ...first, message: 'the second' }));
    const rows = await conversation.failedMessages(3);
    const reused = rows.find(({ message }) => message === 'the second');
    expect(reused?.reason).to.include(id);
    expect(reused?._id).not.to.equal(id);
    const stored = await conversation.storedMessages(5);
    expect(stored.filter(({ to }) => to === 'fourth').map(({ message }) => message)).to.deep.equal([
      'the first',
    ]);
  });

  it('are counted and logged if they are not in the partition of their recipient', async () => {
    const value = JSON.stringify({ from: 'other', to: 'fifth', message: 'in some partition' });
    // Each partition but one is wrong.
    for (const partition of [0, 1, 2, 3])
      await producer.send({ topic: String(env['KAFKA_TOPIC']), messages: [{ value, partition }] });
    await eventually(async () => (await misplaced()) === 3);
    const line = program.logLines().find(({ event }) => event === 'log.records-misplaced');
    expect(line).to.include({ level: 'warn', topic: env['KAFKA_TOPIC'] });
    expect(line?.['partition']).not.to.equal(line?.['recipientPartition']);
    expect(JSON.stringify(line)).not.to.include('fifth');
  });

  async function misplaced(): Promise<number> {
    const response = await fetch(`${program.url}/metrics`);
    const metrics = await response.text();
    return Number(/^postrider_records_misplaced_total (\d+)$/m.exec(metrics)?.[1]);
  }
});
