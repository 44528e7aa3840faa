import { expect } from 'chai';
import { Counter, Registry } from 'prom-client';
import request from 'supertest';
import { buildHttpApp } from '../../../../../src/adapters/http/http-app.js';
import { opsRoutes } from '../../../../../src/adapters/http/ops/ops-routes.js';
import { assessReadiness } from '../../../../../src/adapters/http/ops/readiness.js';
import type {
  DependencyHealth,
  DependencyState,
} from '../../../../../src/application/ports/dependency-health.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

const both = { api: true, receiver: true };
const apiOnly = { api: true, receiver: false };
const receiverOnly = { api: false, receiver: true };

function dependencies(log: DependencyState, store: DependencyState): DependencyHealth[] {
  return [
    { dependency: 'log', status: () => ({ state: log, since: 0, lastError: 'ECONNREFUSED' }) },
    { dependency: 'store', status: () => ({ state: store, since: 1_000 }) },
  ];
}

describe('Readiness', () => {
  const cases = [
    ['everything is up', both, 'up', 'up', true, false],
    ['an api has no store, since it still accepts sends', apiOnly, 'up', 'down', true, true],
    ['an api that also receives has no store', both, 'up', 'down', true, true],
    ['an api has no log', apiOnly, 'down', 'up', false, true],
    ['a receiver has no store', receiverOnly, 'up', 'down', false, true],
    ['a receiver has no log', receiverOnly, 'down', 'up', false, true],
    ['records were lost', both, 'degraded', 'up', true, true],
    ['records were lost for a receiver', receiverOnly, 'degraded', 'up', true, true],
  ] as const;
  for (const [what, roles, log, store, ready, degraded] of cases) {
    it(`is ${ready ? 'given' : 'not given'}${degraded ? ', degraded,' : ''} when ${what}`, () => {
      expect(assessReadiness(roles, dependencies(log, store), false)).to.include({ ready, degraded });
    });
  }

  it('ends when the process begins to stop', () => {
    expect(assessReadiness(both, dependencies('up', 'up'), true)).to.include({
      ready: false,
      degraded: false,
    });
  });
});

describe('The operations routes', () => {
  function app(log: DependencyState, store: DependencyState) {
    const registry = new Registry();
    new Counter({ name: 'postrider_x_total', help: 'x', registers: [registry] }).inc();
    const routes = opsRoutes(() => assessReadiness(both, dependencies(log, store), false), registry);
    return buildHttpApp({ routes, logger: new RecordingLogger() });
  }

  it('report that the process is alive, whatever is down', async () => {
    await request(app('down', 'down')).get('/health/live').expect(200, { status: 'live' });
  });

  it('name each dependency with its state, the time of the last change, and the last error', async () => {
    const { body } = (await request(app('up', 'down')).get('/health/ready').expect(200)) as { body: unknown };
    expect(body).to.deep.equal({
      status: 'ready',
      degraded: true,
      dependencies: {
        log: { state: 'up', since: '1970-01-01T00:00:00.000Z', lastError: 'ECONNREFUSED' },
        store: { state: 'down', since: '1970-01-01T00:00:01.000Z' },
      },
    });
  });

  it('return 503 if the process cannot do its job', async () => {
    const { body } = (await request(app('down', 'up')).get('/health/ready').expect(503)) as { body: unknown };
    expect(body).to.include({ status: 'not-ready', degraded: true });
  });

  it('return metrics in the Prometheus format', async () => {
    const { text } = await request(app('up', 'up'))
      .get('/metrics')
      .expect(200)
      .expect('content-type', /^text\/plain/);
    expect(text).to.include('postrider_x_total 1');
  });
});
