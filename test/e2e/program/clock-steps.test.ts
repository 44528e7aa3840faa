import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Conversation } from '../../support/clients/conversation.js';
import { eventually } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { SpawnedProgram, temporaryFolder } from '../../support/program/spawned-program.js';

const PRELOAD = new URL('../../../torture/faults/preload.mjs', import.meta.url).href;
const HOUR = 3_600_000;
const steps = [
  { direction: 'back by an hour', step: -HOUR },
  { direction: 'ahead by an hour', step: HOUR },
];
const SEND_TIMEOUT_MS = 3_000;
/** Longer than a consumer's session: a member without heartbeats has lost its partitions by then. */
const QUIET_MS = 15_000;
/** The tolerance on a machine that is busy with other tests. */
const LATE_MS = 3_000;

describe('While the wall clock is set, the program', function () {
  this.timeout(120_000);
  const controlFile = join(temporaryFolder(), 'control.json');
  const accepted: string[] = [];
  let sends = 0;
  let kafkaPort: string;
  let program: SpawnedProgram;

  const control = (clockMs: number, links: Readonly<Record<string, 'isolated'>> = {}): void => {
    writeFileSync(controlFile, JSON.stringify({ clockMs, links }));
  };

  /** The status of the response, and its duration. */
  async function send(): Promise<{ readonly status: number; readonly tookMs: number }> {
    const began = performance.now();
    const message = `number ${String((sends += 1))}`;
    const status = await new Conversation(program.url).send({ from: 'clientA', to: 'clientB', message });
    if (status === 201) accepted.push(message);
    return { status, tookMs: performance.now() - began };
  }

  async function inbox(): Promise<string[]> {
    const response = await fetch(`${program.url}/clients/clientB/inbox?after=0&limit=1000`);
    const { messages } = (await response.json()) as {
      readonly messages: readonly { readonly message: string }[];
    };
    return messages.map(({ message }) => message);
  }

  async function lastIsDelivered(): Promise<void> {
    await eventually(async () => (await inbox()).includes(String(accepted.at(-1))));
  }

  async function sendsAgain(): Promise<void> {
    await eventually(async () => (await send()).status === 201);
  }

  before(async () => {
    const env = await fullBackend();
    kafkaPort = String(env['KAFKA_BROKER']).replace(/.*:/, '');
    control(0);
    const preload = { NODE_OPTIONS: `--import=${PRELOAD}`, TORTURE_CONTROL: controlFile };
    const settings = { SEND_TIMEOUT_MS: String(SEND_TIMEOUT_MS), LOG_LEVEL: 'warn' };
    program = await SpawnedProgram.start({ ...env, ...preload, ...settings });
    await sendsAgain();
    await lastIsDelivered();
  });

  afterEach(async () => {
    control(0);
    await sendsAgain();
  });

  after(async () => {
    await program.stop();
  });

  for (const { direction, step } of steps) {
    it(`${direction}: accepts and delivers each message on time, and reports nothing`, async () => {
      const before = program.logLines().length;
      control(step);
      // Nothing is committed during this pause, because a commit would count as a heartbeat.
      await sleep(QUIET_MS);
      for (let n = 0; n < 10; n += 1) {
        const { status, tookMs } = await send();
        expect(status).to.equal(201);
        expect(tookMs).to.be.below(LATE_MS);
        const began = performance.now();
        await lastIsDelivered();
        expect(performance.now() - began).to.be.below(LATE_MS);
      }
      expect(program.logLines().slice(before)).to.deep.equal([]);
    });
  }

  // Checked afterwards, because cut connections are reported for a while.
  for (const { direction, step } of steps) {
    it(`${direction}: answers a send on time while the log is silent`, async () => {
      control(0, { [kafkaPort]: 'isolated' });
      await sleep(200);
      const answer = send();
      await sleep(500);
      control(step, { [kafkaPort]: 'isolated' });
      const { status, tookMs } = await answer;
      expect(status).to.equal(503);
      expect(tookMs).to.be.within(SEND_TIMEOUT_MS - 100, SEND_TIMEOUT_MS + LATE_MS);
      control(step);
      await sendsAgain();
    });
  }

  it('so far ahead that Kafka rejects the records: returns 503, and accepts sends once it is right again', async () => {
    control(3 * HOUR);
    await eventually(async () => (await send()).status === 503);
    control(0);
    await sendsAgain();
  });

  it('has lost nothing in the end, and keeps the order of the inbox', async () => {
    await lastIsDelivered();
    // A send that got 503 may still be in the log.
    expect((await inbox()).filter((text) => accepted.includes(text))).to.deep.equal(accepted);
    expect(await new Conversation(program.url).failedMessages(0)).to.deep.equal([]);
  });
});
