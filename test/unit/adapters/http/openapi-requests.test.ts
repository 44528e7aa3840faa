import { expect } from 'chai';
import { HttpClient } from '../../../support/http/http-client.js';
import { OpenApi } from '../../../support/http/http-openapi.js';
import { HttpSystem } from '../../../support/http/http-system.js';

const api = new OpenApi();
const ID = '0'.repeat(24);
const INBOX = '/clients/clientB/inbox';

const TIMES = [
  ...['2026-02-28', '2024-02-29', '2026-01-31T12:00:00Z', '2026-01-31T12:00:00.123456789123+23:59'],
  ...['', 'yesterday', '2026-02-29', '2026-02-30', '2026-13-01', '2026-01-00', '2026-01-31T12:00:00'],
  ...['2026-01-31T24:00:00Z', '2026-01-31T12:60:00Z', '2026-01-31T12:00:00+24:00', '20260131'],
];
const LONG_NAMES = ['🎲'.repeat(256), '🎲'.repeat(257), 'x'.repeat(256), 'x'.repeat(257)];
const NUMBERS: ReadonlySet<string> = new Set(['Limit', 'InboxLimit', 'Wait']);
const HUGE = '1'.repeat(30);

/** The component, a path that takes the parameter, and values. */
const QUERY_PARAMETERS: readonly (readonly [string, string, readonly string[]])[] = [
  ['Since', '/messages?since=', TIMES],
  ['Until', '/failed-messages?until=', TIMES],
  ['FailedFrom', '/failed-messages?from=', ['', ' ', ...LONG_NAMES]],
  ['FailedTo', '/failed-messages?to=', ['', ' ', ...LONG_NAMES]],
  ['From', '/messages?from=', ['', '.', 'a', 'x'.repeat(129)]],
  ['Limit', '/messages?limit=', ['', '0', '1', '1000', '1001', '-1', '1.5']],
  ['After', '/messages?after=', ['', 'x', `1-${ID}`, `1-2-${ID}`, `1-2-${ID}-${ID}`, `1-${ID}-${ID}`]],
  ['FailedAfter', '/failed-messages?after=', ['', 'x', `1-${ID}`, `1-2-${ID}`]],
  ['Code', '/failed-messages?code=', ['', 'a', 'A', 'a'.repeat(65)]],
  ['Group', '/failed-messages?group=', ['', ID, ID.slice(1)]],
  ['InboxAfter', `${INBOX}?after=`, ['', '0', '1'.repeat(16), '-1']],
  ['InboxLimit', `${INBOX}?limit=`, ['', '0', '1000', '1001']],
  ['Wait', `${INBOX}?after=0&wait=`, ['0', '-1', '1.5', '', 'x']],
];

const HEADERS: readonly (readonly [string, string, readonly string[]])[] = [
  ['RequestId', '/messages?limit=1', ['', 'x'.repeat(129), 'ä ö', 'request-1']],
  ['LastEventId', `${INBOX}/stream`, ['', '0', 'x', '1'.repeat(16), '-1']],
  ['IdempotencyKey', '/send-message', ['a', '"a"', '"a\\"\\\\"', '', '"', '""', '"a', 'a b', 'a"', '"a\\b"']],
  ['IdempotencyKey', '/send-message', ['x'.repeat(255), 'x'.repeat(256), `"${'x'.repeat(255)}"`]],
  ['Prefer', '/send-message', ['', 'wait=x', 'wait=-1', 'wait', 'respond-async', 'wait=0']],
  ['Traceparent', '/send-message', ['', 'x']],
  ['Operator', `/failed-messages/${ID}/discard`, ['', 'x'.repeat(1_000)]],
];

const BODIES: readonly (readonly [string, readonly unknown[]])[] = [
  ['/replays', [{}, { filter: {} }, { all: true }, { all: false }, { filter: {}, all: true }]],
  ['/replays', ['since', 'until'].flatMap((name) => TIMES.map((time) => ({ filter: { [name]: time } })))],
  ['/replays', ['from', 'to'].flatMap((name) => ['', ...LONG_NAMES].map((x) => ({ filter: { [name]: x } })))],
  ['/replays', ['', 'a', 'A'].map((code) => ({ filter: { code } }))],
  ['/replays', ['', ID, 'a'].map((group) => ({ filter: { group } }))],
  ['/replays', [0, 1e-100, 0.1, 1e5, 1e6, '1'].map((rate) => ({ all: true, rate, dryRun: true }))],
  ['/replays', [{ all: 'yes' }, { filter: null }, { filter: { x: 1 } }, { all: true, x: 1 }]],
  [
    '/failed-messages/{id}/discard',
    ['', 'a', ...LONG_NAMES, '🎲'.repeat(1_000), 7].map((note) => ({ note })),
  ],
  ['/failed-messages/{id}/discard', [{ force: 'yes' }, { force: true }, { x: 1 }, {}]],
  ['/send-messages', [{ messages: [7, null] }, { messages: [{}] }, { messages: [{ idempotencyKey: '' }] }]],
  ['/send-messages', [{}, { messages: [] }, { messages: {} }, { messages: Array(1_001).fill({}) }]],
  ['/clients/{client}/inbox/read', ['', '0', 'x', 0, -1, 1.5, 1e15, null].map((through) => ({ through }))],
];

describe('docs/openapi.yaml', () => {
  let system: HttpSystem;
  let client: HttpClient;

  before(async () => {
    system = await new HttpSystem().start();
    client = new HttpClient(system.baseUrl);
  });

  after(() => system.close());

  const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

  /** Reads only the status: a stream has no end. */
  async function isValid(path: string, init: RequestInit = {}): Promise<boolean> {
    const abort = new AbortController();
    const { status } = await fetch(client.url(path), { ...init, signal: abort.signal });
    abort.abort();
    expect(status, path).to.be.oneOf([200, 201, 202, 204, 207, 400, 404]);
    return status !== 400;
  }

  for (const [name, path, values] of QUERY_PARAMETERS) {
    it(`describes the parameter ${name} as it is handled`, async () => {
      for (const value of values) {
        const isDescribed = api.parameter(name)(NUMBERS.has(name) ? Number(value || NaN) : value);
        expect(await isValid(path + encodeURIComponent(value)), value).to.equal(isDescribed);
      }
    });
  }

  it('describes the parameter State as it is handled', async () => {
    for (const value of [[], ['unresolved'], ['unresolved', 'discarded'], ['open']]) {
      expect(await isValid(`/failed-messages?state=${value.join(',')}`)).to.equal(
        api.parameter('State')(value),
      );
    }
  });

  for (const [name, path, values] of HEADERS) {
    it(`describes the header ${name} of ${path} as it is handled`, async () => {
      const header = api.headerName(name);
      for (const value of values) {
        const isGet = path.startsWith(INBOX) || path.startsWith('/messages');
        const message = { from: 'clientA', to: 'clientB', message: 'hello' };
        const body = path === '/send-message' ? message : {};
        const init = isGet ? { headers: { [header]: value } } : post(body, { [header]: value });
        expect(await isValid(path, init), value).to.equal(api.parameter(name)(value));
      }
    });
  }

  for (const [path, bodies] of BODIES) {
    it(`describes the body of ${path} as it is handled: ${JSON.stringify(bodies[0]).slice(0, 40)}`, async () => {
      const url = path.replace('{id}', ID).replace('{client}', 'clientB');
      for (const body of bodies) {
        const isDescribed = api.requestBody('POST', path)(body);
        expect(await isValid(url, post(body)), JSON.stringify(body).slice(0, 60)).to.equal(isDescribed);
      }
    });
  }

  it('describes that longer waits count as 30 seconds, however many digits they have', async () => {
    const message = { from: 'clientA', to: 'clientB', message: 'hello' };
    const sent = await client.send(message, { prefer: `wait=${HUGE}` });
    expect(sent.headers.get('preference-applied')).to.equal('wait=30');
    expect(await isValid(`${INBOX}?after=0&wait=${HUGE}`)).to.equal(true);
  });

  it('describes the results of a batch', async () => {
    const messages = [7, null, {}, { from: 'clientA', to: 'clientB', message: 'x', idempotencyKey: '' }];
    const { text } = await client.request('/send-messages', post({ messages }));
    expect(text).to.include('malformed-message').and.include('malformed-idempotency-key');
  });
});
