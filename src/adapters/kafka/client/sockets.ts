import { connect as connectPlain, isIP, Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { ISocketFactoryArgs } from 'kafkajs';

const KEEP_ALIVE_DELAY_MS = 60_000;

/** Called with each request before it is written. If it returns false, the connection is closed instead. */
export type RequestGuard = (request: Buffer) => boolean;

/** Owns the connections of one kafkajs client, which offers no way to cut them and does not always close them. */
export class Sockets {
  /** The open sockets with the broker of each, as `host:port`. */
  private readonly open = new Map<Socket, string>();
  private ended: string | undefined;

  constructor(private readonly mayPass?: RequestGuard) {}

  readonly connect = ({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket => {
    if (this.ended !== undefined) return new Socket().destroy(new Error(this.ended));
    const socket = newSocket(host, port, ssl, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    this.open.set(socket, `${host}:${String(port)}`);
    socket.once('close', () => this.open.delete(socket));
    if (this.mayPass) guard(socket, this.mayPass);
    return socket;
  };

  /** Whether any connection is established. */
  get connected(): boolean {
    return [...this.open.keys()].some(({ connecting, destroyed }) => !connecting && !destroyed);
  }

  /** Closes all connections and opens no new ones, on which kafkajs would continue an interrupted operation. */
  end(reason: string): void {
    this.ended = reason;
    for (const socket of this.open.keys()) socket.destroy();
  }

  /** Cuts all connections, or those to one broker (`host:port`). Requests in flight on them fail at once. */
  destroy(reason: string, broker?: string): void {
    for (const [socket, address] of this.open)
      if (broker === undefined || address === broker) socket.destroy(new Error(reason));
  }
}

function newSocket(
  host: string,
  port: number,
  ssl: ConnectionOptions | undefined,
  onConnect: () => void,
): Socket {
  if (!ssl) return connectPlain({ host, port }, onConnect);
  return connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect);
}

function guard(socket: Socket, mayPass: RequestGuard): void {
  const write: (request: string | Uint8Array) => boolean = socket.write.bind(socket);
  // kafkajs writes each request as one Buffer, without a callback.
  socket.write = (request: string | Uint8Array): boolean => {
    if (!Buffer.isBuffer(request) || mayPass(request)) return write(request);
    socket.destroy(new Error('Given up'));
    return false;
  };
}
