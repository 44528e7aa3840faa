import { expect } from 'chai';
import { eventually } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { HttpClient, idIn } from '../../support/http/http-client.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';
import { isSigned, WEBHOOK_SECRET, WebhookReceiver } from '../../support/clients/webhook-receiver.js';

describe('Alerts of several processes on the full back end', function () {
  this.timeout(120_000);
  const programs: SpawnedProgram[] = [];
  let receiver: WebhookReceiver;

  before(async () => {
    receiver = await WebhookReceiver.start();
    const env = {
      ...(await fullBackend()),
      ALERT_WEBHOOK_URL: receiver.url,
      ALERT_WEBHOOK_SECRET: WEBHOOK_SECRET,
    };
    const start = async (more: ProgramEnv): Promise<void> => {
      programs.push(await SpawnedProgram.start({ ...env, ...more }));
    };
    // The api processes accept messages that are too long for the receiver, so each of them fails, and again
    // when it is replayed.
    for (let n = 0; n < 2; n += 1) await start({ ROLES: 'api' });
    await start({ ROLES: 'receiver', MESSAGE_MAX_LENGTH: '10' });
  });
  after(async () => {
    for (const program of programs) program.kill('SIGKILL');
    await Promise.all(programs.map((program) => program.ended));
    await receiver.stop();
  });

  const apis = (): SpawnedProgram[] => programs.slice(0, 2);
  const watches = (program: SpawnedProgram): boolean =>
    program.logLines().some(({ event }) => event === 'alert.delivered');
  const ofReplays = () => receiver.received.filter(({ type }) => type === 'failures.replay-failed');

  it('arrive once, from one process, and from the other when that one is killed', async () => {
    const client = new HttpClient(programs[0]?.url ?? '');
    let id = '';
    await eventually(async () => {
      id = idIn(await client.send({ from: 'a', to: 'b', message: 'longer than ten' }));
      return id !== '';
    });
    await eventually(() => receiver.received.length > 0);
    await eventually(() => apis().some(watches));
    expect(receiver.types()).to.deep.equal(['failures.group-new']);
    const replay = { method: 'POST' };
    await client.request(`/failed-messages/${id}/replay`, replay);
    await eventually(() => ofReplays().length > 0);
    const dies = apis().filter(watches);
    expect(dies).to.have.lengthOf(1);
    dies[0]?.kill('SIGKILL');
    const left = apis().find((program) => !dies.includes(program));
    await new HttpClient(left?.url ?? '').request(`/failed-messages/${id}/replay`, replay);
    // It may die before it records that an alert was accepted; that alert then arrives again under the same id.
    const replays = (): Set<unknown> => new Set(ofReplays().map(({ headers }) => headers['webhook-id']));
    await eventually(
      () => replays().size === 2,
      () => receiver.types().join(),
      60_000,
    );
    await eventually(() => left !== undefined && watches(left));
    expect(receiver.received.every(isSigned)).to.equal(true);
    expect(ofReplays().at(-1)?.data).to.include({ id, count: 1, code: 'invalid-message' });
  });
});
