import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { abortOnClose } from '../../../../../../src/adapters/http/server/responses/abort-on-close.js';
import { eventually } from '../../../../../support/eventually.js';

describe('The abort signal of a disconnected client', () => {
  const server = createServer();
  before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  after(() => server.close());

  /** Makes a request, and returns its server-side response with a function that ends the connection. */
  async function request(): Promise<{ response: ServerResponse; leave: () => void }> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const requested = once(server, 'request');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
    const [, response] = (await requested) as [unknown, ServerResponse];
    return { response, leave: () => socket.destroy() };
  }

  it('is aborted when the client disconnects', async () => {
    const { response, leave } = await request();
    const signal = abortOnClose(response);
    expect(signal.aborted).to.equal(false);
    leave();
    await eventually(() => signal.aborted);
  });

  it('is already aborted if the client disconnected before the signal was requested', async () => {
    const { response, leave } = await request();
    const closed = once(response, 'close');
    leave();
    await closed;
    expect(abortOnClose(response).aborted).to.equal(true);
  });
});
