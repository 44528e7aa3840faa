import { expect } from 'chai';
import fc from 'fast-check';
import { opsRoutes } from '../../../../src/adapters/http/ops/ops-routes.js';
import { assessReadiness } from '../../../../src/adapters/http/ops/readiness.js';
import * as errors from '../../../../src/application/errors.js';
import type { DependencyHealth } from '../../../../src/application/ports/dependency-health.js';
import { isClientName } from '../../../../src/domain/message-rules.js';
import { aClient, HttpClient, idIn } from '../../../support/http/http-client.js';
import { OpenApi } from '../../../support/http/http-openapi.js';
import { HttpSystem, type HttpSystemOptions } from '../../../support/http/http-system.js';

const api = new OpenApi();
const LISTS = ['/messages', '/failed-messages'];

let ready = true;
const readiness = () => {
  const log: DependencyHealth = {
    dependency: 'log',
    status: () => ({ state: ready ? 'up' : 'down', since: 0 }),
  };
  return assessReadiness({ api: true, receiver: true }, [log], false);
};
const metrics = { contentType: 'text/plain; version=0.0.4', metrics: async () => 'up 1\n' };
const ops = opsRoutes(readiness, metrics);

describe('docs/openapi.yaml', () => {
  let system: HttpSystem;
  let client: HttpClient;

  async function restart(options: HttpSystemOptions = {}): Promise<void> {
    await system?.close();
    system = await new HttpSystem({ routes: ops, ...options }).start();
    client = new HttpClient(system.baseUrl);
  }

  before(() => restart());
  after(() => system.close());

  /** The client checks the response against its description. */
  async function expectDescribed(path: string, status: number, init: RequestInit = {}): Promise<void> {
    const answer = await client.request(path, init);
    expect(answer.status, answer.text).to.equal(status);
  }

  const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

  it('describes every existing route, and no other', () => {
    const routes = system.routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(api.operations).to.have.members(routes);
  });

  it('describes the responses to sends', async () => {
    const message = { from: 'clientA', to: aClient(), message: 'hello' };
    for (const accept of ['*/*', 'application/json']) {
      const keyed = { accept, 'idempotency-key': `k-${accept.length}` };
      await expectDescribed('/send-message', 201, post(message, keyed));
      await expectDescribed('/send-message', 400, post({}, { accept }));
      await expectDescribed('/send-message', 400, post('[', { accept }));
      await expectDescribed('/send-message', 400, post(message, { accept, 'idempotency-key': '"' }));
      await expectDescribed('/send-message', 413, post('x'.repeat(20_000), { accept }));
      await expectDescribed('/send-message', 415, post(message, { accept, 'content-type': 'text/plain' }));
      await client.waitForRows(`/messages?to=${message.to}`, 1);
      await expectDescribed('/send-message', 422, post({ ...message, message: 'other' }, keyed));
    }
  });

  it('describes the responses with lists', async () => {
    await client.send({ from: 'clientA', to: 'clientB', message: 'hello' });
    await client.send({ from: 'clientA' });
    for (const path of LISTS) {
      await client.waitForRows(path, 1);
      await expectDescribed(path, 200);
      await expectDescribed(`${path}?limit=1`, 200);
      await expectDescribed(`${path}?limit=0&colour=red`, 400);
    }
  });

  it('describes the responses to sends that wait', async () => {
    const message = { from: 'clientA', to: aClient(), message: 'hello' };
    for (const accept of ['*/*', 'application/json']) {
      const waiting = { accept, prefer: 'wait=10', 'idempotency-key': `w-${accept.length}` };
      await expectDescribed('/send-message', 201, post(message, waiting));
      await expectDescribed('/send-message', 422, post({ ...message, message: 'other' }, waiting));
    }
    await restart({
      settle: (entries, ledger) => {
        const isDelivery = entries.some(({ kind }) => kind === 'delivery');
        return isDelivery
          ? Promise.reject(new errors.DocumentRejected('document-too-large', undefined))
          : ledger.settle(entries);
      },
    });
    for (const accept of ['*/*', 'application/json'])
      await expectDescribed('/send-message', 422, post(message, { accept, prefer: 'wait=10' }));
    await restart({ settle: () => Promise.reject(new errors.DependencyUnavailable('store', undefined)) });
    for (const accept of ['*/*', 'application/json'])
      await expectDescribed('/send-message', 202, post(message, { accept, prefer: 'wait=0' }));
    await restart();
  });

  it('describes the responses to recipients', async () => {
    const to = aClient();
    const sent = await client.send({ from: 'clientA', to, message: 'hello' }, { prefer: 'wait=10' });
    const inbox = `/clients/${to}/inbox`;
    await expectDescribed(inbox, 200);
    await expectDescribed(`${inbox}?after=1&limit=1&wait=0`, 200);
    await expectDescribed(`${inbox}?limit=0`, 400);
    await expectDescribed(`${inbox}?after=2`, 409);
    await expectDescribed(`${inbox}/stream?after=2`, 409);
    await expectDescribed(`${inbox}/stream`, 200, { method: 'HEAD' });
    await expectDescribed(`${inbox}/stream?after=x`, 400);
    await expectDescribed(`${inbox}/read`, 204, post({ through: '1' }));
    await expectDescribed(`${inbox}/read`, 400, post({}));
    await expectDescribed(`${inbox}/read`, 413, post('x'.repeat(2_000)));
    await expectDescribed(`${inbox}/read`, 415, post({}, { 'content-type': 'text/plain' }));
    await expectDescribed(`/messages/${idIn(sent)}`, 200);
    await expectDescribed(`/messages/${'0'.repeat(24)}`, 404);
    await expectDescribed('/messages/what', 404);
  });

  it('describes the responses about failed messages', async () => {
    const from = aClient();
    for (const message of [{ a: 1 }, '', '']) await client.send({ from, to: 'clientB', message });
    const rows = await client.waitForRows(`/failed-messages?from=${from}`, 3);
    const at = (n: number, action = ''): string => `/failed-messages/${rows[n]!._id}${action}`;
    await expectDescribed('/failed-messages/groups', 200);
    await expectDescribed(at(0), 200);
    await expectDescribed('/failed-messages/what', 404);
    await expectDescribed(at(0, '/replay'), 202, post({ message: 'corrected' }));
    await expectDescribed(at(1, '/replay'), 409, { method: 'POST' });
    await expectDescribed(at(1, '/replay'), 400, post({ from: 'x' }));
    await expectDescribed(at(1, '/discard'), 200, post({ note: 'a test' }));
    await expectDescribed(at(1, '/discard'), 409, { method: 'POST' });
    for (const action of ['replay', 'discard']) {
      const path = `/failed-messages/${'0'.repeat(24)}/${action}`;
      await expectDescribed(path, 404, { method: 'POST' });
      await expectDescribed(at(2, `/${action}`), 413, post('x'.repeat(20_000)));
      const text = post({}, { 'content-type': 'text/plain' });
      await expectDescribed(at(2, `/${action}`), 415, text);
    }
    await expectDescribed(at(2, '/discard'), 400, post({ note: 7 }));
  });

  it('describes the responses about bulk replays', async () => {
    const filter = { from: aClient() };
    await expectDescribed('/replays', 200, post({ filter, dryRun: true }));
    const begun = await client.request('/replays', post({ filter }));
    await expectDescribed('/replays', 202, post({ filter }));
    await expectDescribed('/replays', 400, post({}));
    await expectDescribed('/replays', 413, post('x'.repeat(20_000)));
    await expectDescribed('/replays', 415, post({}, { 'content-type': 'text/plain' }));
    const place = begun.headers.get('location')!;
    for (const method of ['GET', 'DELETE']) {
      await expectDescribed(place, 200, { method });
      await expectDescribed('/replays/what', 404, { method });
    }
  });

  it('describes the responses to operators', async () => {
    await expectDescribed('/health/live', 200);
    await expectDescribed('/health/ready', 200);
    ready = false;
    await expectDescribed('/health/ready', 503);
    await expectDescribed('/metrics', 200);
    const failing = { ...metrics, metrics: () => Promise.reject(new Error('a defect')) };
    await restart({ routes: opsRoutes(readiness, failing) });
    await expectDescribed('/metrics', 500);
    await restart();
  });

  it('describes the responses to sends during an outage and after a defect', async () => {
    const outages = [
      [new errors.SendFailed('unknown', undefined), 503],
      [new errors.RecordTooLarge(), 413],
      [new Error('a defect'), 500],
    ] as const;
    for (const [error, status] of outages) {
      const reject = (): Promise<never> => Promise.reject(error);
      await restart({ sendMessage: { rejection: undefined, send: reject, sendAll: reject } });
      for (const accept of ['*/*', 'application/json']) {
        await expectDescribed('/send-message', status, post({}, { accept }));
      }
    }
    await restart();
  });

  it('describes the responses with lists during an outage and after a defect', async () => {
    const outages = [
      [new errors.DependencyUnavailable('store', undefined), 503],
      [new errors.QueryTooSlow(undefined), 503],
      [new Error('a defect'), 500],
    ] as const;
    for (const [error, status] of outages) {
      // eslint-disable-next-line require-yield -- it fails before the first row
      async function* rows(): AsyncGenerator<never> {
        throw error;
      }
      const reject = (): Promise<never> => Promise.reject(error);
      const archive = {
        messages: rows,
        failures: rows,
        ...{ messagePlaces: reject, failurePlaces: reject },
        ...{ find: reject, conflicts: reject, known: reject, summary: reject },
      };
      await restart({ archive });
      for (const path of LISTS)
        for (const query of ['', '?limit=1']) await expectDescribed(`${path}${query}`, status);
      for (const path of ['messages', 'failed-messages'])
        await expectDescribed(`/${path}/${'0'.repeat(24)}`, status);
    }
    await restart();
  });

  it('names the parameters of the existing lists, with examples that work', async () => {
    for (const path of LISTS) {
      const parameters = api.queryParameters(path);
      const query = new URLSearchParams(
        parameters.map(({ name, example }): [string, string] => [name, String(example)]),
      );
      await expectDescribed(`${path}?${query.toString()}`, 200);
      for (const name of ['from', 'to', 'since', 'until', 'limit', 'after', 'state', 'code', 'group', 'q']) {
        const { text } = await client.request(`${path}?${name}=%00`);
        const isUnknown = text.includes('is not a parameter');
        expect(isUnknown, `${path} ${name}`).to.equal(
          !parameters.some((parameter) => parameter.name === name),
        );
      }
    }
  });

  it('contains the rule for client names', () => {
    const unit = fc.constantFrom('a', 'Z', '0', '.', '_', ':', '@', '-', ' ', '/', 'ä');
    const validate = api.component('ClientName');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 4 }), (name) => {
        expect(validate(name)).to.equal(isClientName(name));
      }),
    );
    expect([validate('x'.repeat(128)), validate('x'.repeat(129))]).to.deep.equal([true, false]);
  });
});
