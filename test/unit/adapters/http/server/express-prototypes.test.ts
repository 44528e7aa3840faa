import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { expressPrototypes } from '../../../../../src/adapters/http/server/express-prototypes.js';

describe('A server with the prototypes of Express', () => {
  let server: Server | undefined;

  async function listen(app: express.Express): Promise<string> {
    server = createServer(expressPrototypes(app), app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  }

  afterEach(() => server?.close());

  it('creates requests and responses with the prototypes that Express would set', async () => {
    const app = express();
    const changes: unknown[] = [];
    app.use((request, response, next) => {
      changes.push(
        Object.getPrototypeOf(request) === app.request,
        Object.getPrototypeOf(response) === app.response,
      );
      next();
    });
    app.get('/:name', (request, response) => {
      response.json({ name: request.params['name'], query: request.query, type: request.get('accept') });
    });
    const url = await listen(app);
    const before: unknown[] = [];
    server?.prependListener('request', (request: IncomingMessage) => {
      before.push(Object.getPrototypeOf(request) === app.request);
    });
    const response = await fetch(`${url}/a?b=c`, { headers: { accept: 'text/x' } });
    expect(await response.json()).to.deep.equal({ name: 'a', query: { b: 'c' }, type: 'text/x' });
    expect([...before, ...changes]).to.deep.equal([true, true, true]);
  });

  it('does not affect an app on another kind of server', async () => {
    const app = express();
    expressPrototypes(app);
    app.get('/', (request, response) => response.send(request.hostname));
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await (await fetch(`http://127.0.0.1:${String(port)}/`)).text()).to.equal('127.0.0.1');
  });
});
