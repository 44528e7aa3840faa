import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { SendFailed } from '../../../../../src/application/errors.js';
import { HttpServer } from '../../../../../src/adapters/http/server/http-server.js';
import { HttpClient } from '../../../../support/http/http-client.js';
import { HttpSystem, realClock, type HttpSystemOptions } from '../../../../support/http/http-system.js';
import { DeferredLog } from '../../../../support/recorders.js';

const body = { from: 'clientA', to: 'clientB', message: 'hello' };
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('The HTTP server', () => {
  let system: HttpSystem;
  let log: DeferredLog;

  async function start(options: HttpSystemOptions = {}): Promise<HttpClient> {
    log = new DeferredLog();
    system = await new HttpSystem({ messageLog: log, ...options }).start();
    return new HttpClient(system.baseUrl);
  }

  async function appendsAre(count: number): Promise<void> {
    while (log.appends.length < count) await turn();
  }

  afterEach(() => system.close());

  it('answers a send only when the log has confirmed it', async () => {
    const client = await start();
    let answered = false;
    const answer = client.send(body).finally(() => (answered = true));
    await appendsAre(1);
    await turn();
    expect(answered).to.equal(false);
    log.last.succeed();
    expect((await answer).status).to.equal(201);
  });

  it('returns 503 within the timeout for a send while the log does not respond', async () => {
    const client = await start({ sendTimeoutMs: 50 });
    const sends = [client.send(body, { accept: 'application/json' })];
    await appendsAre(1);
    sends.push(client.send(body, { accept: 'application/json' }));
    const answers = await Promise.all(sends);
    expect(answers.map(({ status }) => status)).to.deep.equal([503, 503]);
    expect(answers.map(({ text }) => JSON.parse(text).outcome)).to.deep.equal(['unknown', 'not-sent']);
    expect(answers.map(({ headers }) => headers.get('retry-after'))).to.deep.equal(['5', '5']);
    log.last.fail(new SendFailed('unknown', undefined));
  });

  it('can tell before it starts whether its address is free', async () => {
    await start();
    const settings = (port: number) => ({ host: '127.0.0.1', port, drainTimeoutMs: 1_000 });
    const taken = new HttpServer(express(), settings(system.server.port), realClock);
    const error: unknown = await taken.probe().catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'EADDRINUSE' });
    const { port } = system.server;
    await system.server.stop();
    const free = new HttpServer(express(), settings(port), realClock);
    await free.probe();
    await free.start();
    await free.stop();
  });

  it('finishes requests in flight when it stops, and accepts no new ones', async () => {
    const client = await start();
    const answer = client.send(body);
    await appendsAre(1);
    const stopped = system.server.stop();
    await turn();
    const refused = await client.send(body).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(TypeError);
    log.last.succeed();
    expect((await answer).status).to.equal(201);
    await Promise.all([stopped, system.server.stop()]);
  });

  it('closes keep-alive connections as soon as they are idle', async () => {
    const client = await start({ drainTimeoutMs: 60_000 });
    const agent = new Agent({ keepAlive: true });
    const [response] = (await once(get(`${system.baseUrl}/messages`, { agent }), 'response')) as [
      IncomingMessage,
    ];
    response.resume();
    await once(response, 'end');
    const answer = client.send(body);
    await appendsAre(1);
    const stopped = system.server.stop();
    log.last.succeed();
    await answer;
    await stopped;
    agent.destroy();
  });

  it('cuts requests that are still in flight at the deadline', async () => {
    const client = await start({ drainTimeoutMs: 30 });
    const answer = client.send(body).catch((error: unknown) => error);
    await appendsAre(1);
    await system.server.stop();
    expect(await answer).to.be.instanceOf(TypeError);
    log.last.succeed();
  });

  it('survives bytes that are not HTTP', async () => {
    const client = await start();
    const socket = connect(system.server.port, '127.0.0.1');
    socket.end('hello\r\n\r\n');
    await once(socket.resume(), 'close');
    expect((await client.request('/messages')).status).to.equal(200);
  });

  it('survives a client that disconnects in the middle of its body', async () => {
    const client = await start();
    const socket = connect(system.server.port, '127.0.0.1');
    const head = [
      'POST /send-message HTTP/1.1',
      'host: x',
      'content-type: application/json',
      'content-length: 100',
    ];
    socket.write([...head, '', '{"from":'].join('\r\n'));
    await turn();
    socket.destroy();
    while (system.logger.lines.length === 0) await turn();
    expect(system.logger.events()).to.deep.equal(['http.refused']);
    expect((await client.request('/messages')).status).to.equal(200);
  });

  it('reports an address that is in use', async () => {
    await start();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const settings = { host: '127.0.0.1', port, drainTimeoutMs: 0 };
    const failed = await new HttpServer(express(), settings, realClock)
      .start()
      .catch((error: unknown) => error);
    expect(failed).to.have.property('code', 'EADDRINUSE');
    taken.close();
  });
});
