import { expect } from 'chai';
import { EventStream } from '../../../../support/http/event-stream.js';
import { eventually } from '../../../../support/eventually.js';
import { HttpClient } from '../../../../support/http/http-client.js';
import { HttpSystem } from '../../../../support/http/http-system.js';

describe('Waiting readers of an inbox', () => {
  let system: HttpSystem;
  let client: HttpClient;

  beforeEach(async () => {
    system = await new HttpSystem().start();
    client = new HttpClient(system.baseUrl);
  });
  afterEach(() => system.close());

  const follow = (): Promise<EventStream> => EventStream.open(client.url('/clients/b/inbox/stream'));

  it('release all resources when they disconnect from a long poll', async () => {
    const abort = new AbortController();
    client.request('/clients/b/inbox?wait=30', { signal: abort.signal }).catch(() => undefined);
    await eventually(() => system.watch.size === 1);
    abort.abort();
    await eventually(() => system.watch.size === 0);
  });

  it('release all resources when they disconnect from a stream', async () => {
    const stream = await follow();
    await eventually(() => system.watch.size === 1);
    await stream.close();
    await eventually(() => system.watch.size === 0);
  });

  it('get an empty page when the program stops', async () => {
    const polling = client.request('/clients/b/inbox?wait=30');
    await eventually(() => system.watch.size === 1);
    system.watch.close();
    const { status, text } = await polling;
    expect([status, JSON.parse(text)]).to.deep.equal([200, { messages: [], next: '0', unread: 0 }]);
  });

  it('see the end of their stream when the program stops', async () => {
    const stream = await follow();
    await eventually(() => system.watch.size === 1);
    system.watch.close();
    await stream.waitForEnd();
    expect(stream.retryMs).to.equal(1_000);
  });
});
