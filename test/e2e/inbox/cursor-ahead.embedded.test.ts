import { expect } from 'chai';
import { EventStream } from '../../support/http/event-stream.js';
import { HttpClient } from '../../support/http/http-client.js';
import { SpawnedProgram, temporaryFolder } from '../../support/program/spawned-program.js';

describe('A cursor of another DATA_DIR', function () {
  this.timeout(60_000);

  it('returns 409 from page, poll and stream, until the reader starts again', async () => {
    const first = await SpawnedProgram.start({ DATA_DIR: temporaryFolder() });
    const sent = new HttpClient(first.url);
    for (const message of ['1', '2']) {
      await sent.send({ from: 'a', to: 'b', message }, { prefer: 'wait=10' });
    }
    await first.stop();

    const fresh = await SpawnedProgram.start({ DATA_DIR: temporaryFolder() });
    const client = new HttpClient(fresh.url);
    for (const path of ['?after=2', '?after=2&wait=20', '/stream?after=2']) {
      const { status, text } = await client.request(`/clients/b/inbox${path}`);
      expect([status, JSON.parse(text).code], path).to.deep.equal([409, 'cursor-ahead']);
    }
    await client.send({ from: 'a', to: 'b', message: 'new' }, { prefer: 'wait=10' });
    const stream = await EventStream.open(client.url('/clients/b/inbox/stream'));
    const [event] = await stream.waitForEvents(1);
    expect([event?.id, event?.data['message']]).to.deep.equal(['1', 'new']);
    await stream.close();
    await fresh.stop();
  });
});
