import { expect } from 'chai';
import kafkajs from 'kafkajs';
import { Conversation } from '../../support/clients/conversation.js';
import { eventually } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';

const LOST = 5;

describe('When the log drops records before they are delivered, the program', function () {
  this.timeout(120_000);
  let env: ProgramEnv;
  let program: SpawnedProgram;

  const send = (text: string) =>
    new Conversation(program.url).send({ from: 'clientA', to: 'clientB', message: text });
  const texts = async (count: number) =>
    (await new Conversation(program.url).storedMessages(count)).map(({ message }) => message);

  async function restart(more: ProgramEnv = {}): Promise<void> {
    await program.stop();
    program = await SpawnedProgram.start({ ...env, ...more });
  }

  /** Drops everything in the log, as its retention would. */
  async function dropEverything(): Promise<void> {
    const brokers = [String(env['KAFKA_BROKER'])];
    const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    const topic = String(env['KAFKA_TOPIC']);
    const ends = await admin.fetchTopicOffsets(topic);
    const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
    await admin.deleteTopicRecords({ topic, partitions });
    await admin.disconnect();
  }

  before(async () => {
    env = { ...(await fullBackend()), KAFKA_PARTITIONS: '1' };
    program = await SpawnedProgram.start(env);
    await eventually(async () => (await logState(program)) === 'up');
    await send('delivered before');
    await texts(1);
    await restart({ ROLES: 'api' });
    await eventually(async () => (await logState(program)) === 'up');
    for (let n = 0; n < LOST; n += 1) await send(`lost ${String(n)}`);
    await dropEverything();
    await restart();
  });

  after(async () => {
    await program.stop();
  });

  it('is degraded, counts them, and logs their offsets', async () => {
    await eventually(async () => (await logState(program)) === 'degraded');
    const metrics = await (await fetch(`${program.url}/metrics`)).text();
    const topic = String(env['KAFKA_TOPIC']);
    expect(metrics).to.include(
      `postrider_records_lost_total{topic="${topic}",partition="0"} ${String(LOST)}`,
    );
    const [line] = program.logLines().filter(({ event }) => event === 'log.records-lost');
    expect(line).to.include({ level: 'error', topic, partition: 0, count: LOST });
  });

  it('delivers the records after them', async () => {
    expect(await send('delivered after')).to.equal(201);
    expect(await texts(2)).to.deep.equal(['delivered before', 'delivered after']);
  });

  it('stays degraded across a restart', async () => {
    await restart();
    await eventually(async () => (await logState(program)) === 'degraded');
  });

  it('is no longer degraded after a start with ACKNOWLEDGE_LOST_RECORDS, and stays so without it', async () => {
    await restart({ ACKNOWLEDGE_LOST_RECORDS: 'true' });
    await send('acknowledged');
    await texts(3);
    expect(await logState(program)).to.equal('up');
    await restart();
    await send('and afterwards');
    await texts(4);
    expect(await logState(program)).to.equal('up');
  });
});

async function logState({ url }: SpawnedProgram): Promise<string | undefined> {
  const response = await fetch(`${url}/health/ready`);
  const { dependencies } = (await response.json()) as { dependencies: Record<string, { state: string }> };
  return dependencies['log']?.state;
}
