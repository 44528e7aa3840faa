import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A proxy between a client and a server on loopback, which drops responses when the test says so. */
export class TcpProxy {
  private readonly server: Server;
  private readonly pairs = new Set<{ readonly client: Socket; readonly upstream: Socket }>();
  private losing = false;

  private constructor(private readonly target: () => number) {
    this.server = createServer((client) => this.link(client));
  }

  /** Listens on a free port, or on the given one, and forwards to the port that `target` returns. */
  static async listen(target: () => number, port = 0): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve) => proxy.server.listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /**
   * Forwards requests, but drops the next response of each connection that has one and cuts the connection, as when a
   * network fails at that moment.
   */
  loseResponses(): void {
    this.losing = true;
  }

  passResponses(): void {
    this.losing = false;
  }

  /** Cuts every connection at once. */
  cut(): void {
    for (const { client, upstream } of this.pairs) {
      client.destroy();
      upstream.destroy();
    }
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private link(client: Socket): void {
    const upstream = connect(this.target(), '127.0.0.1');
    const pair = { client, upstream };
    this.pairs.add(pair);
    const end = (): void => {
      this.pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    client.on('data', (chunk: Buffer) => upstream.write(chunk));
    upstream.on('data', (chunk: Buffer) => {
      if (this.losing) end();
      else client.write(chunk);
    });
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
  }
}
