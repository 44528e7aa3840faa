import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A proxy in front of a server on loopback that delays each of its responses. */
export class SlowProxy {
  delayMs = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly target: number) {
    this.server = createServer((client) => this.connectUpstream(client));
  }

  /** Starts a proxy for the port `target`. */
  static async listen(target: number): Promise<SlowProxy> {
    const proxy = new SlowProxy(target);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port; // The server listens on a port, not on a path.
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private connectUpstream(client: Socket): void {
    const upstream = connect(this.target, '127.0.0.1');
    const pair = [client, upstream];
    const end = (): void => {
      for (const socket of pair) {
        this.sockets.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of pair) {
      this.sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (chunk) => upstream.write(chunk));
    let lastWrite = Promise.resolve();
    upstream.on('data', (chunk) => {
      const delay = new Promise((resolve) => setTimeout(resolve, this.delayMs));
      // Responses keep their order, even if the delay changes between them.
      lastWrite = lastWrite
        .then(() => delay)
        .then(() => {
          if (client.writable) client.write(chunk);
        });
    });
  }
}
