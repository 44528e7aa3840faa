import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeReaders, openReaders, waitUntilReceived } from '../../../../bench/load/live-readers.js';
import { textOf } from '../../../../bench/load/payload.js';

describe("The benchmark's live readers", () => {
  let server: Server;
  let port: number;
  let streams: Map<string, ServerResponse>;

  beforeEach(async () => {
    streams = new Map();
    server = createServer(({ url = '' }, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      streams.set(url, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo); // The server listens on a port, not on a path.
  });

  afterEach(async () => {
    closeReaders();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });

  const deliver = (url: string, number: number): void => {
    streams.get(url)?.write(`data: {"message":"${textOf(number)}"}\n\n`);
  };
  const A = '/clients/a/inbox/stream?after=0';
  const B = '/clients/b/inbox/stream?after=7';

  it('follow each client from its own number, and count the messages of all of them', async () => {
    await openReaders({
      port,
      clients: [
        { name: 'a', after: 0 },
        { name: 'b', after: 7 },
      ],
    });
    expect([...streams.keys()]).to.have.members([A, B]);
    deliver(A, 1);
    deliver(B, 2);
    deliver(B, 3);
    await waitUntilReceived(3);
  });

  it('reject when there are more messages than expected', async () => {
    await openReaders({ port, clients: [{ name: 'a', after: 0 }] });
    deliver(A, 1);
    deliver(A, 2);
    await waitUntilReceived(2);
    expect(await waitUntilReceived(1).catch(String)).to.contain('2 messages, more than 1');
  });

  it('count from zero when they are opened again', async () => {
    await openReaders({ port, clients: [{ name: 'a', after: 0 }] });
    deliver(A, 1);
    await waitUntilReceived(1);
    closeReaders();
    await openReaders({ port, clients: [{ name: 'b', after: 7 }] });
    deliver(B, 2);
    await waitUntilReceived(1);
  });
});
