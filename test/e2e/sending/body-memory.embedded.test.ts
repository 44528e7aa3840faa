import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { eventually } from '../../support/eventually.js';
import { HttpClient } from '../../support/http/http-client.js';
import { peakResidentMb } from '../../support/program/process-memory.js';
import { SpawnedProgram } from '../../support/program/spawned-program.js';

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

const BATCHES = 40;
const RECIPIENTS = 10;
/** 4 bytes each: a thousand such messages are 14.8 MiB. */
const TEXT = '👋'.repeat(3_860);
/** Without a limit on the memory for bodies, the program needs 900 MiB and more. */
const PEAK_MB = 600;

describe('Forty batches of 14.8 MiB at once', function () {
  this.timeout(120_000);
  let program: SpawnedProgram;
  const agent = new Agent({ maxSockets: BATCHES });
  const messages = Array.from({ length: 1_000 }, (_, n) => ({
    from: 'flood',
    to: `flooded-${n % RECIPIENTS}`,
    message: TEXT,
  }));
  const body = Buffer.from(JSON.stringify({ messages }));

  before(async () => {
    program = await SpawnedProgram.start({ SEND_TIMEOUT_MS: '30000' });
  });

  after(async () => {
    agent.destroy();
    program.kill('SIGKILL');
    await program.ended;
  });

  function sendBatch(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      const sending = request(
        `${program.url}/send-messages`,
        { agent, method: 'POST', headers },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text });
          });
        },
      );
      sending.on('error', reject);
      sending.end(body);
    });
  }

  it('are accepted or get 503, while single messages pass and memory stays limited', async () => {
    const client = new HttpClient(program.url);
    const flood = Promise.all(Array.from({ length: BATCHES }, sendBatch));
    let isOver = false;
    void flood.finally(() => (isOver = true)).catch(() => undefined);
    const singles: number[] = [];
    while (!isOver) {
      singles.push((await client.send({ from: 'single', to: 'single', message: 'hello' })).status);
      await sleep(50);
    }
    const answers = await flood;
    expect(new Set(singles)).to.deep.equal(new Set([201]));
    const taken = answers.filter(({ status }) => status === 207);
    for (const { status, retryAfter, text } of answers) {
      if (status === 207) continue;
      expect([status, retryAfter]).to.deep.equal([503, '5']);
      expect(JSON.parse(text)).to.include({ code: 'body-memory-full', outcome: 'not-sent' });
    }
    expect(taken.length).to.be.within(1, BATCHES - 1);
    const acknowledged = taken.flatMap(({ text }) => idsIn(text));
    expect(acknowledged).to.have.length.above(0);
    expect(await peakResidentMb(program.pid)).to.be.below(PEAK_MB);
    await eventually(async () => {
      const stored = await storedIds(client);
      return acknowledged.every((id) => stored.has(id));
    });
    expect((await client.request('/metrics')).text).to.match(/^postrider_body_memory_bytes 0$/m);
    expect((await sendBatch()).status).to.equal(207);
  });
});

/** The ids of the accepted messages. Every other result has to say when to retry. */
function idsIn(text: string): string[] {
  const { results } = JSON.parse(text) as { results: { status: number; id?: string; outcome?: string }[] };
  return results.flatMap(({ status, id }) => (status === 201 && id !== undefined ? [id] : []));
}

async function storedIds(client: HttpClient): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let n = 0; n < RECIPIENTS; n += 1) {
    let path = `/messages?to=flooded-${n}&limit=100`;
    while (path !== '') {
      const { text, headers } = await client.request(path);
      for (const { _id } of JSON.parse(text) as { _id: string }[]) ids.add(_id);
      path = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? '';
    }
  }
  return ids;
}
