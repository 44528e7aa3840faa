import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { ProduceGuard } from '../../../../../src/adapters/kafka/producing/produce-guard.js';
import { Sockets } from '../../../../../src/adapters/kafka/client/sockets.js';
import { eventually } from '../../../../support/eventually.js';

describe('ProduceGuard', () => {
  const request = (apiKey: number): Buffer => Buffer.from([0, 0, 0, 4, apiKey >> 8, apiKey & 255, 0, 9]);

  it('recognises a produce request', () => {
    const guard = new ProduceGuard();
    expect(guard.mayPass(request(3))).to.equal(true);
    expect(guard.hasProduced).to.equal(false);
    expect(guard.mayPass(request(0))).to.equal(true);
    expect(guard.hasProduced).to.equal(true);
    guard.watch();
    expect(guard.hasProduced).to.equal(false);
  });

  it('lets no produce request pass once it is sealed, and reports whether one had passed', () => {
    const guard = new ProduceGuard();
    guard.seal();
    expect(guard.mayPass(request(0))).to.equal(false);
    expect(guard.hasProduced).to.equal(false);
    expect(guard.mayPass(request(3))).to.equal(true);
  });
});

describe('Sockets', () => {
  let server: Server;
  let accepted: Socket[];

  beforeEach(async () => {
    accepted = [];
    server = createServer((socket) => accepted.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });

  const connect = async (sockets: Sockets): Promise<Socket> => {
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve) => {
      const socket = sockets.connect({
        ...{ host: '127.0.0.1', port, ssl: undefined as never },
        onConnect: () => resolve(socket),
      });
      socket.on('error', () => undefined);
    });
  };

  it('is connected while a peer has accepted, not while it is connecting', async () => {
    const sockets = new Sockets();
    expect(sockets.connected).to.equal(false);
    const connecting = connect(sockets);
    expect(sockets.connected).to.equal(false);
    await connecting;
    expect(sockets.connected).to.equal(true);
    sockets.end('over');
    expect(sockets.connected).to.equal(false);
  });

  it('cuts all open connections', async () => {
    const sockets = new Sockets();
    const both = [await connect(sockets), await connect(sockets)];
    sockets.destroy('gone');
    await eventually(() => both.every((socket) => socket.closed));
  });

  it('cuts the connections to one broker only', async () => {
    const sockets = new Sockets();
    const socket = await connect(sockets);
    const { port } = server.address() as AddressInfo;
    sockets.destroy('gone', `127.0.0.1:${String(port + 1)}`);
    expect(socket.destroyed).to.equal(false);
    sockets.destroy('gone', `127.0.0.1:${String(port)}`);
    await eventually(() => socket.closed);
  });

  it('opens no connection after it was closed', async () => {
    const sockets = new Sockets();
    const before = await connect(sockets);
    sockets.end('gone');
    await eventually(() => before.closed);
    const { port } = server.address() as AddressInfo;
    const socket = sockets.connect({
      ...{ host: '127.0.0.1', port, ssl: undefined as never },
      onConnect: () => undefined,
    });
    const errors: Error[] = [];
    socket.on('error', (error) => errors.push(error));
    await eventually(() => errors.length === 1);
    expect(accepted).to.have.length(1);
  });

  it('closes a connection instead of sending a request that must not pass', async () => {
    const sockets = new Sockets((request) => request.toString() !== 'bad');
    const socket = await connect(sockets);
    const read: string[] = [];
    await eventually(() => accepted.length === 1);
    accepted[0]!.on('data', (chunk: Buffer) => read.push(chunk.toString()));
    socket.write(Buffer.from('good'));
    await eventually(() => read.length === 1);
    socket.write(Buffer.from('bad'));
    await eventually(() => socket.closed);
    expect(read).to.deep.equal(['good']);
  });
});
