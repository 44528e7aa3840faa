import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { eventually } from '../../../support/eventually.js';
import { TcpProxy } from '../../../support/servers/tcp-proxy.js';

describe('The TCP proxy of fault tests', () => {
  let server: Server;
  let heard: string;
  let proxy: TcpProxy;
  let client: Socket;

  beforeEach(async () => {
    heard = '';
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        heard += chunk.toString();
        socket.write(`answer to ${chunk.toString()}`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await TcpProxy.listen(() => (server.address() as AddressInfo).port);
    client = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
    await once(client, 'connect');
  });

  afterEach(async () => {
    client.destroy();
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });

  async function ask(question: string): Promise<string> {
    client.write(question);
    return String((await once(client, 'data'))[0]);
  }

  it('forwards in both directions', async () => {
    expect(await ask('one')).to.equal('answer to one');
  });

  it('drops a response after the request has arrived, and cuts the connection', async () => {
    proxy.loseResponses();
    let answered = false;
    client.on('data', () => (answered = true));
    client.write('two');
    await once(client, 'close');
    expect(heard).to.equal('two');
    expect(answered).to.equal(false);
  });

  it('forwards responses again when told so', async () => {
    proxy.loseResponses();
    proxy.passResponses();
    expect(await ask('three')).to.equal('answer to three');
  });

  it('cuts open connections', async () => {
    proxy.cut();
    await once(client, 'close');
  });

  it('rejects connections after it was closed, and accepts them again on the same port', async () => {
    const { port } = proxy;
    await proxy.close();
    const [error] = (await once(connect(port, '127.0.0.1'), 'error').catch((e: unknown) => [e])) as [unknown];
    expect(error).to.have.property('code', 'ECONNREFUSED');
    proxy = await TcpProxy.listen(() => (server.address() as AddressInfo).port, port);
    client = connect(port, '127.0.0.1');
    expect(await ask('four')).to.equal('answer to four');
    await eventually(() => heard === 'four');
  });
});
