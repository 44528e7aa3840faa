import { expect } from 'chai';
import type { Producer } from 'kafkajs';
import { Conversation } from '../../support/clients/conversation.js';
import { eventually } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { otherProducer } from '../../support/clients/other-producer.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';

const nest = {
  ...{ from: 'clientA', to: 'clientB', reason: 'no room' },
  failedAt: '2026-11-20T07:00:05.000Z',
};

describe('Dead letters that other programs write', function () {
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
    const write = (value: string | Buffer, headers = {}) => ({ key: 'k', value, headers });
    await producer.send({
      topic: String(env['KAFKA_DLQ_TOPIC']),
      acks: -1,
      messages: [
        write(JSON.stringify({ from: 'x', to: 'y', message: 'kafka' }), {
          ...{ '__dlq.errors.topic': 'orders', '__dlq.errors.partition': '3', '__dlq.errors.offset': '41' },
          ...{
            '__dlq.errors.group': 'g',
            '__dlq.errors.message': 'boom',
            '__dlq.errors.delivery.count': '5',
          },
        }),
        write(JSON.stringify({ ...nest, message: 'bare' })),
        write(JSON.stringify({ key: 'clientB', value: JSON.stringify({ ...nest, message: 'wrapped' }) })),
        write(Buffer.from([0xff, 0x00, 0xfe])),
      ],
    });
    await conversation.failedMessages(4);
  });

  after(async () => {
    await producer.disconnect();
    await program.stop();
  });

  const failure = async (message: string): Promise<Record<string, unknown>> => {
    const rows = await conversation.failedMessages(0);
    const id = rows.find((row) => row.message === message)?._id ?? '';
    return (await (await fetch(`${program.url}/failed-messages/${id}`)).json()) as Record<string, unknown>;
  };
  const replay = (id: unknown, body?: object): Promise<Response> =>
    fetch(`${program.url}/failed-messages/${String(id)}/replay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  const inbox = async (client: string): Promise<{ messages: Record<string, unknown>[] }> =>
    (await (await fetch(`${program.url}/clients/${client}/inbox?after=0&wait=10`)).json()) as never;

  it("are shown with what Kafka's headers say", async () => {
    expect(await failure('kafka')).to.deep.include({
      ...{
        from: 'x',
        to: 'y',
        state: 'unresolved',
        code: 'foreign-dead-letter',
        reason: 'boom',
        attempts: 5,
      },
      origin: { topic: 'orders', partition: 3, offset: 41, group: 'g' },
    });
  });

  it("are shown with what the NestJS service's format says, also in an envelope", async () => {
    for (const message of ['bare', 'wrapped']) {
      expect(await failure(message)).to.include({ ...nest, message, code: 'foreign-dead-letter' });
    }
  });

  it('are replayed into the inbox as the messages inside them', async () => {
    for (const [index, message] of ['bare', 'wrapped'].entries()) {
      const { id } = await failure(message);
      expect((await replay(id)).status).to.equal(202);
      await eventually(async () => (await inbox('clientB')).messages.length === index + 1);
      const { messages } = await inbox('clientB');
      expect(messages.at(-1)).to.include({ id, from: 'clientA', message });
    }
  });

  it('can be corrected but not replayed if they are bytes', async () => {
    const { id, ...bytes } = await failure('/wD+');
    expect(bytes).to.include({ encoding: 'base64', from: '', to: '', state: 'unresolved' });
    const refused = await replay(id);
    expect(refused.status).to.equal(409);
    expect(await refused.json()).to.include({ code: 'not-replayable', state: 'unresolved' });
    expect((await replay(id, { to: 'clientC', message: 'readable' })).status).to.equal(202);
    await eventually(async () => (await inbox('clientC')).messages.length === 1);
    expect((await inbox('clientC')).messages[0]).to.include({ from: 'unknown', message: 'readable' });
  });
});
