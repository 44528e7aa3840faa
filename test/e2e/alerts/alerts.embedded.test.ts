import { expect } from 'chai';
import { eventually } from '../../support/eventually.js';
import { HttpClient, idIn } from '../../support/http/http-client.js';
import { SpawnedProgram, temporaryFolder, type ProgramEnv } from '../../support/program/spawned-program.js';
import { isSigned, WEBHOOK_SECRET, WebhookReceiver } from '../../support/clients/webhook-receiver.js';

/** It serves no client that receives messages here, so sends wait in the log. */
const AWAY = { RECEIVER_CLIENTS: 'nobody' };
/** Rejects messages that were sent under a longer limit. */
const STRICT = { MESSAGE_MAX_LENGTH: '10' };

describe('Alerts on the embedded back end', function () {
  this.timeout(90_000);
  let receiver: WebhookReceiver;
  let folder: string;
  let program: SpawnedProgram;

  async function start(env: ProgramEnv = {}): Promise<HttpClient> {
    const alerts = { ALERT_WEBHOOK_URL: receiver.url, ALERT_WEBHOOK_SECRET: WEBHOOK_SECRET };
    program = await SpawnedProgram.start({ DATA_DIR: folder, ...alerts, ...env });
    return new HttpClient(program.url);
  }

  /** Sends a message that the next start with `STRICT` rejects. */
  async function leaveOne(): Promise<string> {
    const client = await start(AWAY);
    const sent = await client.send({ from: 'a', to: 'b', message: 'longer than ten' });
    await program.stop();
    return idIn(sent);
  }

  const of = (type: string) => receiver.received.filter((alert) => alert.type === `failures.${type}`);
  const loggedOnce = (event: string): boolean => program.logLines().some((line) => line['event'] === event);

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    folder = temporaryFolder();
  });
  afterEach(async () => {
    program.kill('SIGKILL');
    await program.ended;
    await receiver.stop();
  });

  it('are signed, and delivered again until the receiver accepts them, even if either side dies', async () => {
    receiver.behaviour = 500;
    await leaveOne();
    await start(STRICT);
    await eventually(() => receiver.received.length >= 2);
    const [first, second] = receiver.received;
    expect((second?.at ?? Infinity) - (first?.at ?? 0)).to.be.within(1_500, 5_000);
    expect(second?.headers['webhook-id']).to.equal(first?.headers['webhook-id']);
    expect(second?.text).to.equal(first?.text);
    program.kill('SIGKILL');
    await program.ended;
    receiver.behaviour = 204;
    const client = await start(STRICT);
    // The dead process's lease has to expire.
    await eventually(
      () => loggedOnce('alert.delivered'),
      () => program.stderr,
      60_000,
    );
    expect(receiver.received.every(isSigned)).to.equal(true);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).to.equal(1);
    const { text } = await client.request('/failed-messages/groups');
    const { groups } = JSON.parse(text) as { groups: Record<string, unknown>[] };
    expect(groups[0]).to.include(first?.data);
    expect(first?.data).to.have.all.keys('key', 'code', 'reason', 'count');
  });

  it('report age and a replay that failed again, never invalid sends', async () => {
    const id = await leaveOne();
    let client = await start({ ...STRICT, ALERT_AGE_SECONDS: '1' });
    await client.send({ from: 'a', to: 'b' });
    await eventually(() => of('oldest-age').length > 0);
    expect(of('oldest-age')[0]?.data).to.include({ id, count: 1, code: 'invalid-message' });
    await program.stop();
    client = await start(AWAY);
    const replay = await client.request(`/failed-messages/${id}/replay`, { method: 'POST' });
    expect(replay.status, replay.text).to.equal(202);
    await eventually(async () => (await client.request(`/messages/${id}`)).text.includes('replay'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await program.stop();
    await start(STRICT);
    await eventually(() => of('replay-failed').length > 0);
    expect(of('replay-failed')[0]?.data).to.include({ id });
    expect(receiver.received.every(isSigned)).to.equal(true);
    expect(of('group-new').every(({ data }) => data['code'] === of('oldest-age')[0]?.data['code'])).to.equal(
      true,
    );
  });

  it('never delay sends, deliveries or a shutdown', async () => {
    receiver.behaviour = 'hangs';
    await leaveOne();
    const client = await start(STRICT);
    await eventually(() => receiver.received.length > 0);
    const began = Date.now();
    for (let n = 0; n < 20; n += 1) await client.send({ from: 'a', to: 'b', message: String(n) });
    await client.waitForRows('/messages?to=b', 20);
    expect(Date.now() - began).to.be.below(3_000);
    await program.stop();
    expect(Date.now() - began).to.be.below(8_000);
  });
});
