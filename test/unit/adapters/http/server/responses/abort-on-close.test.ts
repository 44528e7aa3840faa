import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { abortOnClose } from '../../../../../../src/adapters/http/server/responses/abort-on-close.js';
import { eventually } from '../../../../../support/eventually.js';

describe('The signal that a client has left', () => {
  const server = createServer();
  before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  after(() => server.close());

  /** Makes a request, and gives its response on the server's side with what ends the connection. */
  async function request(): Promise<{ response: ServerResponse; leave: () => void }> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const requested = once(server, 'request');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
    const [, response] = (await requested) as [unknown, ServerResponse];
    return { response, leave: () => socket.destroy() };
  }

  it('is aborted when it leaves', async () => {
    const { response, leave } = await request();
    const signal = abortOnClose(response);
    expect(signal.aborted).to.equal(false);
    leave();
    await eventually(() => signal.aborted);
  });

  it('is aborted from the start where it left before anybody asked', async () => {
    const { response, leave } = await request();
    const closed = once(response, 'close');
    leave();
    await closed;
    expect(abortOnClose(response).aborted).to.equal(true);
  });
});
