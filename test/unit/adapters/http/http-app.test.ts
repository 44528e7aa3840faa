import { expect } from 'chai';
import type { Response } from 'express';
import request from 'supertest';
import { apiRoutes, buildHttpApp } from '../../../../src/adapters/http/http-app.js';
import type { ListArchive } from '../../../../src/application/inbox/own-lists.js';
import { parseNothing, route } from '../../../../src/adapters/http/server/route.js';
import {
  DependencyUnavailable,
  QueryTooSlow,
  RecordTooLarge,
  SendFailed,
} from '../../../../src/application/errors.js';
import type { SendRequest } from '../../../../src/application/sending/send-message.js';
import { ACTIONS } from '../../../../src/domain/access/actions.js';
import { aMessage } from '../../../support/builders.js';
import { apiStub } from '../../../support/http/api-stub.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

const body = { from: 'clientA', to: 'clientB', message: 'hello' };
const secret = 'mongodb://user:secret@host';

describe('The HTTP app', () => {
  const logger = new RecordingLogger();
  const sends: SendRequest[] = [];
  let failure: unknown;

  const archive: ListArchive = {
    messages: () => failing(),
    failures: () => failing(),
    messagePlaces: () => rejecting(),
    failurePlaces: () => rejecting(),
  };
  const sendMessage = {
    rejection: undefined,
    send: async (sent: SendRequest) => {
      sends.push(sent);
      if (failure !== undefined) throw failure;
      return aMessage(body);
    },
    sendAll: () => Promise.reject(new Error('not called here')),
  };
  const api = apiStub({ sendMessage, archive });

  async function rejecting(): Promise<never> {
    throw await Promise.resolve(failure);
  }

  // eslint-disable-next-line require-yield -- it fails before the first row
  async function* failing(): AsyncGenerator<never> {
    throw await Promise.resolve(failure);
  }

  beforeEach(() => {
    failure = undefined;
    logger.lines.length = 0;
    sends.length = 0;
  });

  const routes = apiRoutes(api, logger);
  const app = buildHttpApp({ routes, logger });
  const send = (accept: string) => request(app).post('/send-message').set('accept', accept).send(body);

  const table: readonly (readonly [unknown, number, object])[] = [
    [new SendFailed('not-sent', new Error(secret)), 503, { code: 'log-unavailable', outcome: 'not-sent' }],
    [new SendFailed('unknown', new Error(secret)), 503, { code: 'log-unavailable', outcome: 'unknown' }],
    [new DependencyUnavailable('store', new Error(secret)), 503, { code: 'store-unavailable' }],
    [new QueryTooSlow(new Error(secret)), 503, { code: 'query-too-slow' }],
    [new RecordTooLarge(), 413, { code: 'message-too-large' }],
    [new Error(secret), 500, { code: 'internal-error' }],
    [{ status: 200, message: secret }, 500, { code: 'internal-error' }],
  ];
  for (const [error, status, members] of table) {
    it(`answers ${String(error)} with ${status}, without the cause`, async () => {
      failure = error;
      const problem = await send('application/json').expect(status);
      expect(problem.headers['content-type']).to.match(/^application\/problem\+json/);
      expect(problem.body).to.include({ status, ...members });
      expect(problem.text).to.not.include('secret');
      expect(problem.headers['retry-after']).to.equal(status === 503 ? '5' : undefined);
      const text = await send('*/*').expect(status);
      expect(text.text).to.equal('Failed to create message.');
      expect(text.headers['retry-after']).to.equal(problem.headers['retry-after']);
    });
  }

  it('logs a defect once, in full, with the request id', async () => {
    failure = new Error(secret);
    await send('*/*').set('x-request-id', 'r-1').expect(500);
    const lines = logger.lines.filter(({ level }) => level === 'error');
    expect(lines).to.have.lengthOf(1);
    expect(lines[0]?.fields).to.include({ requestId: 'r-1', error: failure });
  });

  it('logs neither texts nor names', async () => {
    await send('*/*').expect(201);
    failure = new DependencyUnavailable('store', new Error(secret));
    await send('*/*').expect(503);
    await request(app).get('/messages?from=clientA').expect(503);
    expect(logger.lines.map(({ event }) => event)).to.include.members(['message.accepted', 'http.refused']);
    expect(JSON.stringify(logger.lines)).to.not.match(/hello|client[AB]/);
  });

  it('passes on the idempotency key and a valid trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await send('*/*').set({ traceparent, 'idempotency-key': '"k"' }).expect(201);
    await send('*/*').set({ traceparent: 'x' }).expect(201);
    expect(sends).to.deep.equal([{ content: body, idempotencyKey: 'k', traceparent }, { content: body }]);
  });

  it('answers a list that fails before its first row with a problem', async () => {
    failure = new DependencyUnavailable('store', new Error(secret));
    for (const path of ['/messages', '/failed-messages', '/messages?limit=10']) {
      const { headers, text } = await request(app).get(path).expect(503);
      expect(headers['content-type']).to.match(/^application\/problem\+json/);
      expect(headers['retry-after']).to.equal('5');
      expect(text).to.include('store-unavailable').and.to.not.include('secret');
    }
  });

  describe('with other routes', () => {
    const get = (path: string, handle: (input: undefined, response: Response) => void) =>
      route({ method: 'GET', path, action: ACTIONS.readMetrics, parse: parseNothing, handle });
    const others = [
      get('/health/live', (_, response) => void response.json({ ok: true })),
      get('/things/:name', (_, response) => void response.json({ ok: true })),
      get('/broken', () => {
        throw new Error(secret);
      }),
    ];

    it('serves only those routes in a process without an api', async () => {
      const receiver = buildHttpApp({ routes: others, logger });
      await request(receiver).get('/health/live').expect(200, { ok: true });
      await request(receiver).post('/send-message').send(body).expect(404);
      await request(receiver).get('/messages').expect(404);
    });

    it('handles their unsupported methods, errors and malformed paths', async () => {
      const whole = buildHttpApp({ routes: [...routes, ...others], logger });
      const { headers } = await request(whole).post('/things/x').expect(405);
      expect(headers['allow']).to.equal('GET, HEAD');
      await request(whole).get('/broken').expect(500);
      const malformed = await request(whole).get('/things/%E0%A4%A').expect(400);
      expect(malformed.body).to.include({ code: 'malformed-url' });
    });
  });
});
