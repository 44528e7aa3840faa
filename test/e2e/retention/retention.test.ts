import { expect } from 'chai';
import { newKafka } from '../../../scripts/stack/servers.js';
import { freePort } from '../../../scripts/stack/free-port.js';
import { eventually } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { HttpClient } from '../../support/http/http-client.js';
import { SpawnedProgram } from '../../support/program/spawned-program.js';
import { usePrograms } from '../../support/program/use-programs.js';

const DAY_S = 86_400;
const days = (seconds: number): string => (seconds / DAY_S).toFixed(9);

describe('MESSAGE_TTL_DAYS on the full back end', function () {
  this.timeout(120_000);
  const { start } = usePrograms();

  it('prevents the start if the existing topic keeps messages as long', async () => {
    const env = await fullBackend();
    await (await start({ ...env, KAFKA_RETENTION_DAYS: '10' })).stop();
    // The variable's current value does not change a topic that exists.
    const late = SpawnedProgram.spawn({ ...env, KAFKA_RETENTION_DAYS: '1', MESSAGE_TTL_DAYS: '10' });
    expect((await late.ended).code).to.equal(1);
    expect(late.stderr).to.include(
      "Postrider cannot continue: MESSAGE_TTL_DAYS must exceed the log's retention: it is 10 days, and the log keeps messages 10 days",
    );
    await (await start({ ...env, MESSAGE_TTL_DAYS: '10.5' })).stop();
  });

  it('ends a program that reached Kafka only later, before any record is treated as expired', async () => {
    const port = await freePort();
    const kafka = await newKafka({ port });
    try {
      const env = { ...(await fullBackend()), KAFKA_BROKER: `127.0.0.1:${String(port)}` };
      const program = await start({ ...env, MESSAGE_TTL_DAYS: '30' });
      await kafka.start();
      expect((await program.ended).code).to.equal(1);
      expect(program.stderr).to.include('MESSAGE_TTL_DAYS must exceed');
    } finally {
      await kafka.remove();
    }
  });

  it('sweeps older messages, and treats their records as expired', async () => {
    const backend = await fullBackend();
    const env = { ...backend, KAFKA_RETENTION_DAYS: days(1), MESSAGE_TTL_DAYS: days(4) };
    const { url } = await start(env);
    const client = new HttpClient(url);
    await client.send({ from: 'a', to: 'b', message: 'old' }, { prefer: 'wait=20' });
    const inbox = async (): Promise<{ messages: unknown[]; expired?: true }> =>
      JSON.parse((await client.request('/clients/b/inbox?after=0')).text);
    await eventually(async () => (await inbox()).expired === true);
    expect((await inbox()).messages).to.deep.equal([]);
    // A receiver without committed offsets reads the log from its beginning.
    const again = await start({
      ...env,
      KAFKA_GROUP_PREFIX: `${String(backend['KAFKA_GROUP_PREFIX'])}-again`,
    });
    await eventually(async () =>
      (await (await fetch(`${again.url}/metrics`)).text()).includes('postrider_records_expired_total 1'),
    );
    expect((await inbox()).messages).to.deep.equal([]);
  });
});
