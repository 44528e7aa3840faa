import { expect } from 'chai';
import { DependencyUnavailable, DocumentRejected } from '../../../../../src/application/errors.js';
import { eventually } from '../../../../support/eventually.js';
import { aClient, HttpClient, idIn, type TextResponse } from '../../../../support/http/http-client.js';
import { HttpSystem, type HttpSystemOptions } from '../../../../support/http/http-system.js';

describe('A send that waits for its outcome', () => {
  let system: HttpSystem;
  let client: HttpClient;

  async function start(options: HttpSystemOptions): Promise<void> {
    system = await new HttpSystem(options).start();
    client = new HttpClient(system.baseUrl);
  }
  const away = (): Promise<never> => Promise.reject(new DependencyUnavailable('store', undefined));
  const refusing: HttpSystemOptions['settle'] = (entries, ledger) =>
    entries.some(({ kind }) => kind === 'delivery')
      ? Promise.reject(new DocumentRejected('document-too-large', new Error('16 MB')))
      : ledger.settle(entries);
  const send = (headers: Record<string, string> = {}, message = 'hello'): Promise<TextResponse> =>
    client.send({ from: 'clientA', to: aClient(), message }, headers);

  afterEach(() => system.close());

  it('waits by default if SEND_WAIT_MS is set, and then omits Preference-Applied', async () => {
    await start({ sendWaitMs: 10_000 });
    const { status, text, headers } = await send({ accept: 'application/json' });
    expect([status, JSON.parse(text).status]).to.deep.equal([201, 'stored']);
    expect(headers.has('preference-applied')).to.equal(false);
  });

  it('returns 202 when SEND_WAIT_MS is over', async () => {
    await start({ sendWaitMs: 20, settle: away });
    const { status, text, headers } = await send();
    expect([status, text]).to.deep.equal([202, 'message accepted.']);
    expect(headers.get('location')).to.match(/^\/messages\/[0-9a-f]{24}$/);
  });

  it('waits as long as the Prefer header says, whatever SEND_WAIT_MS is', async () => {
    await start({ sendWaitMs: 20_000, settle: away });
    const { status, headers } = await send({ prefer: 'wait=0' });
    expect([status, headers.get('preference-applied')]).to.deep.equal([202, 'wait=0']);
  });

  it('returns 422 with the location of the failed message if it was dead-lettered', async () => {
    await start({ settle: refusing });
    const answer = await send({ prefer: 'wait=10', accept: 'application/json' });
    const { status, code, cause, id } = JSON.parse(answer.text);
    expect({ status, code, cause }).to.deep.equal({
      ...{ status: 422, code: 'dead-lettered', cause: 'document-too-large' },
    });
    expect(idIn(answer)).to.equal(id);
    const life = await client.request(`/messages/${id}`);
    expect(JSON.parse(life.text).status).to.equal('failed');
  });

  it('returns the same in plain text', async () => {
    await start({ settle: refusing });
    const { status, text, headers } = await send({ prefer: 'wait=10' });
    expect([status, text]).to.deep.equal([422, 'Failed to create message.']);
    expect(headers.get('location')).to.match(/^\/messages\/[0-9a-f]{24}$/);
    expect(headers.get('preference-applied')).to.equal('wait=10');
  });

  it('returns 422 with the location of its own failure if its key belongs to another message', async () => {
    let isAway = true;
    await start({
      settle: (entries, ledger) => (isAway ? away() : ledger.settle(entries)),
    });
    const to = aClient();
    const keyed = { 'idempotency-key': 'key', accept: 'application/json' };
    const first = await client.send({ from: 'clientA', to, message: 'first' }, keyed);
    const second = client.send({ from: 'clientA', to, message: 'second' }, { ...keyed, prefer: 'wait=20' });
    await new Promise((resolve) => setTimeout(resolve, 250));
    isAway = false;
    const answer = await second;
    expect([answer.status, JSON.parse(answer.text).cause]).to.deep.equal([422, 'idempotency-key-reused']);
    expect(idIn(answer)).not.to.equal(idIn(first));
    await eventually(async () => (await client.request(`/messages/${idIn(answer)}`)).status === 200);
    const { text } = await client.request(`/messages/${idIn(first)}`);
    expect(JSON.parse(text)).to.deep.include({ status: 'stored', conflicts: [idIn(answer)] });
  });

  it('releases all resources when its client disconnects', async () => {
    await start({ settle: away });
    const abort = new AbortController();
    const body = JSON.stringify({ from: 'clientA', to: aClient(), message: 'hello' });
    const headers = { 'content-type': 'application/json', prefer: 'wait=30' };
    const waiting = client.request('/send-message', { method: 'POST', headers, body, signal: abort.signal });
    waiting.catch(() => undefined);
    await eventually(() => system.watch.size === 1);
    abort.abort();
    await eventually(() => system.watch.size === 0);
  });

  it('returns 202 at once when the program stops', async () => {
    await start({ settle: away });
    const waiting = send({ prefer: 'wait=30' });
    await eventually(() => system.watch.size === 1);
    system.watch.close();
    expect((await waiting).status).to.equal(202);
  });
});
