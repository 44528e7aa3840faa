import { expect } from 'chai';
import { SendFailed } from '../../../../../src/application/errors.js';
import type { ApiDependencies } from '../../../../../src/adapters/http/http-app.js';
import { aMessage } from '../../../../support/builders.js';
import { HttpClient } from '../../../../support/http/http-client.js';
import { HttpSystem } from '../../../../support/http/http-system.js';
import { RawConnection } from '../../../../support/http/raw-connection.js';

const json = { 'content-type': 'application/json', accept: 'application/json' };
const FULL = new SendFailed('not-sent', new Error('full'));

describe('A full send queue', () => {
  let system: HttpSystem;
  let client: HttpClient;
  let rejection: Error | undefined;
  let sent: unknown[];

  beforeEach(async () => {
    rejection = FULL;
    sent = [];
    const sendMessage: ApiDependencies['sendMessage'] = {
      send: (request) => {
        sent.push(request.content);
        return Promise.resolve(aMessage());
      },
      sendAll: (requests) => {
        sent.push(...requests);
        return Promise.resolve([]);
      },
      get rejection() {
        return rejection;
      },
    };
    system = await new HttpSystem({ sendMessage }).start();
    client = new HttpClient(system.baseUrl);
  });

  afterEach(() => system.close());

  const post = (path: string, body: string, headers = {}) =>
    client.request(path, { method: 'POST', headers: { ...json, ...headers }, body });

  for (const path of ['/send-message', '/send-messages']) {
    it(`answers POST ${path} with 503 for every body, without parsing it`, async () => {
      for (const body of ['{}', '{"from":', 'x'.repeat(1_000)]) {
        const { status, headers, text } = await post(path, body);
        expect([status, headers.get('retry-after')]).to.deep.equal([503, '5']);
        expect(JSON.parse(text)).to.include({ code: 'log-unavailable', outcome: 'not-sent' });
      }
      expect(sent).to.deep.equal([]);
    });

    it(`answers POST ${path} before its body has arrived, so that the connection can be reused`, async () => {
      const connection = await RawConnection.open(system.server.port);
      connection.post(path, { 'content-length': 100 });
      expect(await connection.statuses(1)).to.deep.equal([503]);
      connection.write(' '.repeat(100));
      connection.post(path, { 'content-length': 0 });
      expect(await connection.statuses(2)).to.deep.equal([503, 503]);
      connection.close();
    });
  }

  it('answers a body that is too large or of another type as usual', async () => {
    expect((await post('/send-message', 'x'.repeat(20_000))).status).to.equal(413);
    expect((await post('/send-message', '{}', { 'content-type': 'text/plain' })).status).to.equal(415);
  });

  it('reads a send with an Idempotency-Key, because it may have been accepted before', async () => {
    expect((await post('/send-message', '{}', { 'idempotency-key': 'key' })).status).to.equal(201);
    expect(sent).to.deep.equal([{}]);
  });

  it('rejects no other request', async () => {
    expect((await post('/clients/b/inbox/read', '{"through":"0"}')).status).to.equal(204);
  });

  it('accepts sends again when it has space', async () => {
    rejection = undefined;
    expect((await post('/send-message', '{}')).status).to.equal(201);
  });
});
