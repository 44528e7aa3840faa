import { expect } from 'chai';
import type { Response } from 'express';
import request from 'supertest';
import { buildHttpApp } from '../../../../../src/adapters/http/http-app.js';
import { accessLog } from '../../../../../src/adapters/http/server/access-log.js';
import { parseNothing, route } from '../../../../../src/adapters/http/server/route.js';
import { ACTIONS } from '../../../../../src/domain/access/actions.js';
import { eventually } from '../../../../support/eventually.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

describe('The access log', () => {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const get = (path: string, handle: (input: undefined, response: Response) => void | Promise<void>) =>
    route({ method: 'GET', path, action: ACTIONS.readHealth, parse: parseNothing, handle });
  const routes = [
    get('/slow/:client', async (_, response) => {
      await clock.advance(1_234.56);
      response.json({});
    }),
    get('/broken', () => {
      throw new TypeError('bug');
    }),
    get('/cut', (_, response) => {
      response.write('part');
      response.destroy();
    }),
    get('/left', (_, response) => void response.destroy()),
  ];
  const app = buildHttpApp({ routes, logger, accessLog: accessLog(logger, clock) });

  async function lineOf(call: request.Test): Promise<Readonly<Record<string, unknown>>> {
    logger.lines.length = 0;
    await call.set('x-request-id', 'r').catch(() => undefined);
    const answered = () => logger.lines.filter(({ event }) => event === 'http.answered');
    await eventually(() => answered().length > 0);
    expect(answered()).to.have.lengthOf(1);
    expect(answered()[0]?.level).to.equal('debug');
    return JSON.parse(JSON.stringify(answered()[0]?.fields)) as Readonly<Record<string, unknown>>;
  }

  it('has the method, the route without parameters, the status and the duration', async () => {
    expect(await lineOf(request(app).get('/slow/alice?from=bob'))).to.deep.equal({
      ...{ requestId: 'r', method: 'GET', route: '/slow/:client', status: 200, ms: 1_234.6 },
    });
  });

  it('has failed requests, and those that match no route', async () => {
    expect(await lineOf(request(app).get('/broken'))).to.include({ route: '/broken', status: 500 });
    const nothing = await lineOf(request(app).post('/nothing/alice'));
    expect(nothing).to.deep.equal({ requestId: 'r', method: 'POST', status: 404, ms: 0 });
  });

  it('marks incomplete responses', async () => {
    expect(await lineOf(request(app).get('/cut'))).to.include({ status: 200, aborted: true });
    expect(await lineOf(request(app).get('/left')))
      .to.include({ aborted: true })
      .and.not.to.have.property('status');
  });
});
