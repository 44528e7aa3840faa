import { expect } from 'chai';
import { Conversation } from '../../support/clients/conversation.js';
import { eventually } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { REASON, RejectedFlood, UNREADABLE } from '../../support/clients/rejected-flood.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';

/** 5,025 failures, and five valid messages for each recipient. */
const SHAPE = { recipients: ['a', 'b', 'c', 'd', 'e'], rounds: 5, rejected: 200 };
const TIMEOUT_MS = 90_000;

describe('A flood of rejected records between valid messages of the same recipients', function () {
  this.timeout(180_000);
  let env: ProgramEnv;
  let api: SpawnedProgram;
  let receiver: SpawnedProgram;
  let flood: RejectedFlood;

  beforeEach(async () => {
    env = { ...(await fullBackend()), LOG_LEVEL: 'error' };
    api = await SpawnedProgram.start({ ...env, ROLES: 'api' });
    flood = new RejectedFlood(String(env['KAFKA_BROKER']), SHAPE);
    // Creates the topics.
    expect(await new Conversation(api.url).send({ from: 'x', to: 'first', message: 'ours' })).to.equal(201);
    await flood.write(String(env['KAFKA_TOPIC']));
  });

  afterEach(async () => {
    for (const program of [api, receiver]) program.kill('SIGKILL');
    await Promise.all([api.ended, receiver.ended]);
  });

  const receive = async (): Promise<void> => {
    receiver = await SpawnedProgram.start({ ...env, ROLES: 'receiver' });
  };

  const get = async <T>(path: string): Promise<T> => (await fetch(`${api.url}${path}`)).json() as T;

  const failed = (): Promise<{ readonly _id: string; readonly message: string; readonly reason: string }[]> =>
    get('/failed-messages');

  const inbox = async (to: string): Promise<string[]> => {
    const page = await get<{ messages: { message: string }[] }>(`/clients/${to}/inbox?limit=100`);
    return page.messages.map(({ message }) => message);
  };

  const untilFailed = async (count: number): Promise<void> => {
    let found = 0;
    await eventually(
      async () => (found = (await failed()).length) >= count,
      () => `${String(found)} of ${String(count)} failed`,
      TIMEOUT_MS,
      100,
    );
  };

  const verify = async (): Promise<void> => {
    await untilFailed(flood.failures);
    await eventually(
      async () => {
        const inboxes = await Promise.all([...flood.valid.keys()].map(inbox));
        return inboxes.every(({ length }) => length === SHAPE.rounds);
      },
      () => 'good messages are missing',
      TIMEOUT_MS,
      100,
    );
    for (const [to, texts] of flood.valid) expect(await inbox(to), to).to.deep.equal(texts);
    const rows = await failed();
    const withReason = (reason: string) => rows.filter((row) => row.reason === reason);
    expect(withReason(REASON).map(({ _id }) => _id)).to.have.members(flood.rejected.map(({ id }) => id));
    const texts = withReason(UNREADABLE).map(({ message }) => Buffer.from(message, 'base64').toString());
    expect(texts).to.have.members(flood.unreadable);
    expect(rows).to.have.length(flood.failures);
    for (const { _id } of [rows[0], rows[2_500], rows.at(-1)] as { _id: string }[]) {
      expect(await get(`/failed-messages/${_id}`)).to.include({ failures: 1, state: 'unresolved' });
    }
    const published = await flood.deadLetters(String(env['KAFKA_DLQ_TOPIC']));
    for (const [to, ids] of published) {
      const inLog = flood.rejected.filter((rejected) => rejected.to === to).map(({ id }) => id);
      expect(ids, `dead letters of ${to}`).to.deep.equal(inLog);
    }
  };

  it('is recorded, each record once with its reason, and the valid messages are stored in order', async () => {
    await receive();
    await verify();
  });

  it('has the same result if the receiver is killed in the middle', async () => {
    await receive();
    await untilFailed(500);
    receiver.kill('SIGKILL');
    await receiver.ended;
    const before = (await failed()).length;
    expect(before).to.be.within(500, flood.failures - 1);
    process.stdout.write(`        killed at ${String(before)} of ${String(flood.failures)} failures\n`);
    await receive();
    await verify();
  });
});
