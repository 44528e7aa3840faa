import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { bearer, identifyByName } from '../../../../support/http/callers.js';
import { HttpClient, type TextResponse, UNDESCRIBED } from '../../../../support/http/http-client.js';
import { HttpSystem } from '../../../../support/http/http-system.js';

const message = { to: 'eve', message: 'hi' };

describe('Refused requests', () => {
  let system: HttpSystem;
  let client: HttpClient;

  before(async () => {
    system = await new HttpSystem({ identify: identifyByName }).start();
    client = new HttpClient(system.baseUrl, UNDESCRIBED);
  });
  after(() => system.close());

  /** Sends the path as it is, which `fetch` would normalize. */
  async function rawStatus(method: string, path: string, caller = 'client'): Promise<number | undefined> {
    const { hostname: host, port } = new URL(system.baseUrl);
    const sent = httpRequest({ host, port, method, path, headers: bearer(caller), agent: false }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  }

  const spellings = (name: string): string[] => [
    `/clients/${name}/inbox`,
    `/CLIENTS/${name}/Inbox/`,
    `/clients/${name}/inbox/`,
    `/clients/%${name.charCodeAt(0).toString(16)}${name.slice(1)}/inbox`,
    `/clients/${name}/inbox?limit=1`,
    `${system.baseUrl}/clients/${name}/inbox`,
    `http://other.example/Clients/${name}/INBOX`,
  ];

  it('are the same however the path is written', async () => {
    for (const method of ['GET', 'HEAD']) {
      for (const path of spellings('bob')) expect(await rawStatus(method, path), path).to.equal(200);
      for (const path of spellings('eve')) expect(await rawStatus(method, path), path).to.equal(403);
      for (const path of spellings('eve')) expect(await rawStatus(method, path, 'none'), path).to.equal(401);
    }
  });

  it('include paths that only seem to name the inbox of the caller', async () => {
    const paths = [
      ...['/clients/bob/../eve/inbox', '/clients/bob%2F..%2Feve/inbox', '//clients/eve/inbox'],
      ...['/clients/eve%00bob/inbox', '/clients/BOB/inbox', '/clients/bob;/inbox', '/clients/bob%20/inbox'],
      ...[
        '/clients//inbox',
        '/clients/eve/inbox?client=bob',
        '/clients/eve/inbox?after=0#/clients/bob/inbox',
      ],
    ];
    for (const path of paths) expect(await rawStatus('GET', path), path).to.be.oneOf([400, 403, 404]);
  });

  it('name the reason as RFC 6750 does', async () => {
    const refused = async (caller: string, path: string): Promise<readonly unknown[]> => {
      const { status, headers, text } = await client.request(path, { headers: bearer(caller) });
      expect(headers.get('content-type')).to.equal('application/problem+json');
      const { code } = JSON.parse(text) as { code: string };
      return [status, code, headers.get('www-authenticate')];
    };
    const challenge = 'Bearer realm="postrider"';
    const invalid = `${challenge}, error="invalid_token"`;
    expect(await refused('none', '/messages')).to.deep.equal([401, 'credential-required', challenge]);
    expect(await refused('who', '/messages')).to.deep.equal([401, 'credential-invalid', invalid]);
    expect(await refused('expired', '/messages')).to.deep.equal([401, 'credential-expired', invalid]);
    expect(await refused('revoked', '/nothing')).to.deep.equal([401, 'credential-revoked', invalid]);
    expect(await refused('client', '/clients/eve/inbox')).to.deep.equal([
      403,
      'insufficient-scope',
      `${challenge}, error="insufficient_scope", scope="inbox:*"`,
    ]);
  });

  it('come before the body of a stranger is read', async () => {
    const { hostname: host, port } = new URL(system.baseUrl);
    const body = { 'content-type': 'application/json', 'content-length': 1_000 };
    for (const caller of ['none', 'revoked']) {
      const headers = { ...body, ...bearer(caller) };
      const sent = httpRequest({ host, port, method: 'POST', path: '/send-messages', headers });
      sent.flushHeaders();
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      expect(answer.statusCode).to.equal(401);
      sent.on('error', () => undefined).destroy();
    }
  });

  describe('of a send', () => {
    const send = (body: object, caller: string, more = {}): Promise<TextResponse> =>
      client.send(body, { ...bearer(caller), ...more });

    it('keep its plain text', async () => {
      for (const [caller, status] of [
        ['none', 401],
        ['operator', 403],
      ] as const) {
        const { headers, ...answer } = await send(message, caller);
        expect(answer).to.include({ status, text: 'Failed to create message.' });
        expect(headers.get('www-authenticate')).to.match(/^Bearer /);
      }
    });

    it('as another client are not recorded as failed messages', async () => {
      const json = { accept: 'application/json' };
      for (const from of ['eve', '', null, 7]) {
        const { status, text } = await send({ from, to: 'nobody', message: '' }, 'client', json);
        expect([status, (JSON.parse(text) as { code: string }).code]).to.deep.equal([403, 'sender-mismatch']);
      }
      const { text } = await client.request('/failed-messages?to=nobody', { headers: bearer('admin') });
      expect(text).to.equal('[]');
    });

    it('do not affect sends as oneself, with or without a sender', async () => {
      const json = { accept: 'application/json' };
      for (const body of [message, { ...message, from: 'bob' }]) {
        const { status, text } = await send(body, 'client', json);
        expect([status, (JSON.parse(text) as { from: string }).from]).to.deep.equal([201, 'bob']);
      }
      const gateway = await send({ ...message, from: 'carol' }, 'gateway', json);
      expect(JSON.parse(gateway.text)).to.include({ from: 'carol' });
      expect((await send(message, 'gateway')).status).to.equal(400);
    });

    it('give a repeated send with a key the same message, whether or not it names its sender', async () => {
      const key = { 'idempotency-key': 'k-1' };
      const first = await send(message, 'client', key);
      const second = await send({ ...message, from: 'bob' }, 'client', key);
      expect(second.headers.get('location')).to.equal(first.headers.get('location'));
    });

    it('concern only the messages of a batch that are for another sender', async () => {
      const messages = [message, { ...message, from: 'eve' }, { ...message, from: 'bob' }, 7];
      const init = { method: 'POST', body: JSON.stringify({ messages }) };
      const headers = { ...bearer('client'), 'content-type': 'application/json' };
      const { status, text } = await client.request('/send-messages', { ...init, headers });
      const { results } = JSON.parse(text) as { results: { status: number; code?: string }[] };
      expect(status).to.equal(207);
      expect(results.map((result) => result.status)).to.deep.equal([201, 403, 201, 400]);
      expect(results[1]).to.deep.include({ code: 'sender-mismatch' });
      expect(results[1]).to.have.nested.property('errors[0].pointer', '#/messages/1/from');
    });
  });
});
