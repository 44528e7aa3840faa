import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { fullBackend } from '../../support/program/full-backend.js';
import { HttpClient, aClient, idIn, type TextResponse } from '../../support/http/http-client.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';

const KEYS = 400;
const IN_FLIGHT = 64;
const WAIT = { prefer: 'wait=20' };

type Json = Record<string, unknown>;

describe('An Idempotency-Key on the full back end, with two api processes', function () {
  this.timeout(120_000);
  let env: ProgramEnv;
  let apis: SpawnedProgram[];
  let receiver: SpawnedProgram;
  let from: string;
  let to: string;

  beforeEach(async () => {
    env = { ...(await fullBackend()), LOG_LEVEL: 'warn' };
    receiver = await startReceiver();
    apis = await Promise.all([1, 2].map(() => SpawnedProgram.start({ ...env, ROLES: 'api' })));
    [from, to] = [aClient('from'), aClient('to')];
  });
  afterEach(async () => {
    const programs = [...apis, receiver];
    for (const program of programs) program.kill('SIGKILL');
    await Promise.all(programs.map(({ ended }) => ended));
  });

  const startReceiver = (): Promise<SpawnedProgram> => SpawnedProgram.start({ ...env, ROLES: 'receiver' });
  const client = (api: number): HttpClient => new HttpClient(apis[api]?.url ?? '');
  const send = (api: number, key: number, message: string, headers = {}): Promise<TextResponse> => {
    const all = { accept: 'application/json', 'idempotency-key': `key-${String(key)}`, ...headers };
    return client(api).send({ from, to, message }, all);
  };
  const textOf = (key: number): string => `message ${String(key)}`;

  /**
   * Checks, after everything in the log was settled, that exactly one message is stored for each key and nothing
   * failed.
   */
  async function expectOneEach(ids: readonly string[]): Promise<void> {
    await client(1).send({ from, to, message: 'last' }, WAIT);
    const rows = await client(1).waitForRows(`/messages?to=${to}`, KEYS + 1);
    const expected = ids.map((id, key) => `${id} ${textOf(key)}`);
    const stored = rows.filter(({ message }) => message !== 'last');
    expect(stored.map(({ _id, message }) => `${_id} ${message}`).sort()).to.deep.equal(expected.sort());
    expect(await client(1).rows('/failed-messages')).to.deep.equal([]);
  }

  it('gives one message and one response to concurrent sends to both, hundreds of times', async () => {
    const ids: string[] = [];
    await inParallel(KEYS, IN_FLIGHT / 4, async (key) => {
      const answers = await Promise.all([0, 1, 1, 0].map((api) => send(api, key, textOf(key))));
      expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 201, 201]);
      const [id = '', ...others] = new Set(answers.map(idIn));
      expect(others).to.deep.equal([]);
      ids[key] = id;
    });
    await expectOneEach(ids);
  });

  it('gives one message if a process is killed between the append and its response, and the client repeats the send at the other', async () => {
    const [doomed = expect.fail('no api')] = apis;
    const ids: string[] = [];
    const early = new Set<number>();
    let killedAt = Infinity;
    const ask = async (key: number): Promise<TextResponse> => {
      try {
        const answer = await send(0, key, textOf(key));
        if (ids.filter(Boolean).length >= KEYS / 4 && killedAt === Infinity) {
          killedAt = Date.now();
          doomed.kill('SIGKILL');
        }
        return answer;
      } catch {
        const answer = await send(1, key, textOf(key));
        const { sentAt } = JSON.parse(answer.text) as { readonly sentAt: string };
        if (Date.parse(sentAt) <= killedAt) early.add(key);
        return answer;
      }
    };
    await inParallel(KEYS, IN_FLIGHT, async (key) => {
      const answer = await ask(key);
      expect(answer.status, answer.text).to.equal(201);
      ids[key] = idIn(answer);
    });
    expect(await doomed.ended).to.include({ signal: 'SIGKILL' });
    print(
      `${String(early.size)} messages were stored already when their sender, left without an answer, repeated them`,
    );
    // A client that got a response may retry as well.
    await inParallel(KEYS, IN_FLIGHT, async (key) => {
      expect(idIn(await send(1, key, textOf(key)))).to.equal(ids[key]);
    });
    await expectOneEach(ids);
  });

  async function life(id: string): Promise<Json> {
    return JSON.parse((await client(0).request(`/messages/${id}`)).text) as Json;
  }

  it('records other content as a separate failure if it is sent while the first message is unknown', async () => {
    await receiver.stop();
    const first = await send(0, 1, 'first');
    const second = await send(1, 1, 'second');
    expect([first.status, second.status, idIn(second)]).to.deep.equal([201, 201, idIn(first)]);
    receiver = await startReceiver();

    const [failure, ...more] = await client(0).waitForRows(`/failed-messages?from=${from}`, 1);
    expect(more).to.deep.equal([]);
    expect(failure).to.include({ from, to, message: 'second', code: 'idempotency-key-reused' });
    const { _id: id } = failure ?? expect.fail('no failure');
    expect(id).not.to.equal(idIn(first));
    expect(await life(id)).to.include({ id, status: 'failed', message: 'second' });
    expect(await life(idIn(first))).to.include({ status: 'stored', message: 'first' });
    const rows = await client(1).rows(`/messages?to=${to}`);
    expect(rows.map(({ message }) => message)).to.deep.equal(['first']);
    const detail = await client(1).request(`/failed-messages/${id}`);
    expect(JSON.parse(detail.text)).to.include({ conflictsWith: idIn(first) });
  });

  it('returns 422 with the location of that failure to its waiting sender, and 201 to the first one', async () => {
    await receiver.stop();
    const answers = Promise.all([send(0, 1, 'one', WAIT), send(1, 1, 'two', WAIT)]);
    // Both must be in the log before anything is decided; a look-up takes at most 200 ms.
    await sleep(1_000);
    receiver = await startReceiver();
    const [winner, loser] = (await answers).sort((a, b) => a.status - b.status);
    expect([winner?.status, loser?.status]).to.deep.equal([201, 422]);
    const problem = JSON.parse(loser?.text ?? '') as Json;
    const id = loser && idIn(loser);
    expect(problem).to.include({ code: 'dead-lettered', cause: 'idempotency-key-reused', id });
    const [failure] = await client(0).waitForRows(`/failed-messages?from=${from}`, 1);
    expect(failure?._id).to.equal(id);
    expect(await life(id ?? '')).to.include({ status: 'failed' });
    expect(await life(winner ? idIn(winner) : '')).to.include({ status: 'stored' });
  });
});

/** Runs the work for every number below `count`, with this concurrency. */
async function inParallel(count: number, atOnce: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function print(text: string): void {
  process.stdout.write(`        ${text}\n`);
}
