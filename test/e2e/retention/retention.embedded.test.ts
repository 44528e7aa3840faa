import { expect } from 'chai';
import { eventually } from '../../support/eventually.js';
import { HttpClient } from '../../support/http/http-client.js';
import { SpawnedProgram, temporaryFolder } from '../../support/program/spawned-program.js';

const DAY_S = 86_400;
const days = (seconds: number): string => (seconds / DAY_S).toFixed(9);

describe('MESSAGE_TTL_DAYS on the embedded back end', function () {
  this.timeout(60_000);

  for (const ttl of ['30', '0', '7.5']) {
    it(`of ${ttl} prevents the start, because the log keeps messages for 30 days`, async () => {
      const program = SpawnedProgram.spawn({ MESSAGE_TTL_DAYS: ttl });
      expect((await program.ended).code).to.equal(1);
      expect(
        program.stderr
          .trim()
          .split('\n')
          .filter((line) => !line.startsWith('{')),
      ).to.deep.equal([
        `Postrider cannot continue: MESSAGE_TTL_DAYS must exceed the log's retention: it is ${ttl} days, and the log keeps messages 30 days`,
      ]);
    });
  }

  it('sweeps older messages, reports the gap to readers with an older cursor, and never delivers them again', async () => {
    const env = { DATA_DIR: temporaryFolder(), LOG_RETENTION_DAYS: '0', MESSAGE_TTL_DAYS: days(3) };
    const program = await SpawnedProgram.start(env);
    const client = new HttpClient(program.url);
    const send = (message: string) =>
      client.send({ from: 'a', to: 'b', message }, { prefer: 'wait=10', 'idempotency-key': message });
    const inbox = async (): Promise<{ messages: { message: string; cursor: string }[] }> =>
      JSON.parse((await client.request('/clients/b/inbox?after=0')).text);
    await send('old');
    expect((await inbox()).messages).to.have.lengthOf(1);
    await eventually(async () => (await inbox()).messages.length === 0);
    expect(await client.rows('/messages')).to.deep.equal([]);
    expect(await inbox()).to.deep.equal({ messages: [], next: '1', unread: 0, expired: true });
    await send('new');
    const page = await inbox();
    expect(page).to.deep.include({ next: '2', unread: 1, expired: true });
    expect(page.messages.map(({ message }) => message)).to.deep.equal(['new']);
    await program.stop();
  });
});
