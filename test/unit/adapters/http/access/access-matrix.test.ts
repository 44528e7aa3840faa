import { expect } from 'chai';
import { opsRoutes } from '../../../../../src/adapters/http/ops/ops-routes.js';
import { bearer, identifyByName } from '../../../../support/http/callers.js';
import { HttpClient, idIn, type TextResponse, UNDESCRIBED } from '../../../../support/http/http-client.js';
import { HttpSystem } from '../../../../support/http/http-system.js';

const UNKNOWN = '0'.repeat(24);

/**
 * The status of each request for each caller, written by hand. All callers are bob. `mine` was sent by bob to eve,
 * `mail` by eve to bob, `theirs` by eve to carol; `my-failure` was sent by bob to eve, `their-failure` by eve to bob.
 */
const MATRIX = `
                                               | none expired revoked | client operator admin
GET /health/live                               | 200  200     200     | 200    200      200
GET /health/ready                              | 200  200     200     | 200    200      200
GET /metrics                                   | 401  401     401     | 403    200      200
POST /send-message {"to":"eve","message":"hi"} | 401  401     401     | 201    403      400
POST /send-message {"from":"bob","to":"eve","message":"hi"} | 401 401 401 | 201 403    201
POST /send-message {"from":"eve","to":"bob","message":"hi"} | 401 401 401 | 403 403    201
POST /send-message {"from":null,"to":"bob","message":"hi"}  | 401 401 401 | 403 403    400
POST /send-messages {"messages":[{}]}          | 401  401     401     | 207    403      207
GET /messages                                  | 401  401     401     | 200    200      200
GET /messages/:mine                            | 401  401     401     | 200    200      200
GET /messages/:mail                            | 401  401     401     | 200    200      200
GET /messages/:theirs                          | 401  401     401     | 404    200      200
GET /messages/:my-failure                      | 401  401     401     | 200    200      200
GET /messages/:their-failure                   | 401  401     401     | 404    200      200
GET /messages/:unknown                         | 401  401     401     | 404    404      404
GET /failed-messages                           | 401  401     401     | 200    200      200
GET /failed-messages/groups                    | 401  401     401     | 403    200      200
GET /failed-messages/:my-failure               | 401  401     401     | 200    200      200
GET /failed-messages/:their-failure            | 401  401     401     | 404    200      200
GET /failed-messages/:unknown                  | 401  401     401     | 404    404      404
POST /failed-messages/:my-failure/replay {}    | 401  401     401     | 403    409      409
POST /failed-messages/:unknown/replay {}       | 401  401     401     | 403    404      404
POST /failed-messages/:unknown/replay {"to":"x"} | 401 401    401     | 403    403      404
POST /failed-messages/:unknown/discard {}      | 401  401     401     | 403    404      404
POST /replays {"all":true,"dryRun":true}       | 401  401     401     | 403    200      200
GET /replays/:unknown                          | 401  401     401     | 403    404      404
DELETE /replays/:unknown                       | 401  401     401     | 403    404      404
GET /clients/bob/inbox                         | 401  401     401     | 200    200      200
GET /clients/eve/inbox                         | 401  401     401     | 403    200      200
GET /clients/nobody/inbox                      | 401  401     401     | 403    200      200
HEAD /clients/bob/inbox/stream                 | 401  401     401     | 200    200      200
HEAD /clients/eve/inbox/stream                 | 401  401     401     | 403    200      200
GET /clients/eve/inbox/stream?after=x          | 401  401     401     | 400    400      400
POST /clients/bob/inbox/read {"through":"0"}   | 401  401     401     | 204    403      204
POST /clients/eve/inbox/read {"through":"0"}   | 401  401     401     | 403    403      204
GET /nothing                                   | 401  401     401     | 404    404      404
PUT /messages                                  | 401  401     401     | 405    405      405
GET /clients/%E0%A4%A/inbox                    | 401  401     401     | 400    400      400
OPTIONS /messages                              | 204  204     204     | 204    204      204
OPTIONS /nothing                               | 404  404     404     | 404    404      404
`;

const [HEAD = [], ...ROWS] = MATRIX.split('\n')
  .filter((line) => line !== '')
  .map((line) => {
    const [request = '', ...cells] = line.split('|');
    return [request.trim(), ...cells.join(' ').trim().split(/\s+/)];
  });

describe('Access to each route', () => {
  let system: HttpSystem;
  let client: HttpClient;
  const ids: Record<string, string> = { unknown: UNKNOWN };

  before(async () => {
    const ready = { ready: true, degraded: false, dependencies: {} };
    const registry = { contentType: 'text/plain', metrics: () => Promise.resolve('up 1') };
    const routes = opsRoutes(() => ready, registry);
    system = await new HttpSystem({ identify: identifyByName, routes }).start();
    client = new HttpClient(system.baseUrl, UNDESCRIBED);
    const sent = async (name: string, body: object) => {
      const answer = await client.send({ ...body }, { ...bearer('admin'), prefer: 'wait=10' });
      ids[name] = idIn(answer);
    };
    await sent('mine', { from: 'bob', to: 'eve', message: 'a' });
    await sent('mail', { from: 'eve', to: 'bob', message: 'b' });
    await sent('theirs', { from: 'eve', to: 'carol', message: 'c' });
    const failed = async (name: string, from: string, to: string) => {
      await client.send({ from, to }, bearer('admin'));
      const { text } = await as('admin', `/failed-messages?from=${from}&to=${to}`);
      ids[name] = (JSON.parse(text) as { _id: string }[])[0]?._id ?? '';
    };
    await failed('my-failure', 'bob', 'eve');
    await failed('their-failure', 'eve', 'bob');
  });
  after(() => system.close());

  const as = (caller: string, path: string, init: RequestInit = {}): Promise<TextResponse> =>
    client.request(path, { ...init, headers: { ...bearer(caller), ...(init.headers as object) } });

  async function statusOf(request: string, caller: string): Promise<string> {
    const [, method = '', path = '', body] = /^(\w+) (\S+)(?: (.+))?$/.exec(request) ?? [];
    const known = path.replaceAll(/:([\w-]+)/g, (_, name: string) => ids[name] ?? '');
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? { method } : { method, body, headers };
    return String((await as(caller, known, init)).status);
  }

  for (const [request = '', ...cells] of ROWS) {
    it(`is what the matrix says for ${request}`, async () => {
      const given: string[] = [];
      for (const caller of HEAD.slice(1)) given.push(await statusOf(request, caller));
      expect(given).to.deep.equal(cells);
    });
  }

  it('is in the matrix for each route', () => {
    const asked = ROWS.map(([request = '']) =>
      request.replace(/ \{.*| *\?.*/, '').replace(/\/clients\/[^/]+/, '/clients/:'),
    );
    const pattern = (text: string): string => text.replaceAll(/:[\w-]+/g, ':').replace('HEAD', 'GET');
    const routes = system.routes.map(({ method, path }) => pattern(`${method} ${path}`));
    expect(asked.map(pattern)).to.include.members(routes);
  });

  it('answers for a foreign id with the bytes for an unknown one', async () => {
    for (const [list, foreign] of [
      ['messages', 'theirs'],
      ['messages', 'their-failure'],
      ['failed-messages', 'their-failure'],
    ] as const) {
      const [one, other] = await Promise.all(
        [ids[foreign], UNKNOWN].map((id) => as('client', `/${list}/${id}`)),
      );
      const bytesOf = ({ status, headers, text }: TextResponse): unknown => {
        const { 'x-request-id': _id, date: _date, ...rest } = Object.fromEntries(headers);
        return [status, rest, text];
      };
      expect(bytesOf(one as TextResponse)).to.deep.equal(bytesOf(other as TextResponse));
    }
  });

  it('shows a client its own rows of the lists, page by page too', async () => {
    const namesIn = (text: string): Set<string> =>
      new Set((JSON.parse(text) as { from: string; to: string }[]).map(({ from, to }) => `${from}>${to}`));
    for (const query of ['', '?limit=1000']) {
      const { text } = await as('client', `/messages${query}`);
      expect([...namesIn(text)]).to.have.members(['bob>eve', 'eve>bob']);
      const failures = await as('client', `/failed-messages${query}`);
      expect([...namesIn(failures.text)].filter((names) => !names.startsWith('bob>'))).to.deep.equal([]);
      expect(failures.text).to.include(ids['my-failure']);
    }
    const pages: string[] = [];
    for (let path: string | undefined = '/messages?limit=1'; path !== undefined;) {
      const { text, headers } = await as('client', path);
      pages.push(...namesIn(text));
      path = /<(.*)>/.exec(headers.get('link') ?? '')?.[1];
    }
    expect(new Set(pages)).to.deep.equal(new Set(['bob>eve', 'eve>bob']));
    expect(JSON.parse((await as('client', '/messages?from=carol')).text)).to.deep.equal([]);
    expect(JSON.parse((await as('client', '/failed-messages?from=eve')).text)).to.deep.equal([]);
  });

  it('shows who acted on a failure, and why, only to callers that may read failures', async () => {
    const id = ids['my-failure'] ?? '';
    const headers = { 'content-type': 'application/json', 'x-operator': 'olga' };
    const body = JSON.stringify({ note: 'a typo' });
    await as('operator', `/failed-messages/${id}/discard`, { method: 'POST', headers, body });
    for (const list of ['messages', 'failed-messages']) {
      const seen = (await as('operator', `/${list}/${id}`)).text;
      expect(seen).to.include('olga').and.to.include('a typo');
      const own = (await as('client', `/${list}/${id}`)).text;
      expect(own)
        .to.include('discarded')
        .and.to.not.match(/olga|a typo/);
    }
  });
});
