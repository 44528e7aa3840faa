import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from '../eventually.js';

/** One connection to an HTTP server, on which a test writes requests as slowly and incompletely as it wants. */
export class RawConnection {
  /** Everything that the server has written. */
  received = '';
  readonly ended: Promise<void>;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.received += chunk.toString()));
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
      });
    });
    // A server may close a connection while the client writes; what it wrote counts.
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Writes the headers of a POST; the test writes the body. */
  post(path: string, headers: Readonly<Record<string, string | number>>): void {
    const allHeaders = { host: 'x', 'content-type': 'application/json', ...headers };
    const lines = Object.entries(allHeaders).map(([name, value]) => `${name}: ${value}`);
    this.write([`POST ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  }

  write(text: string): void {
    this.socket.write(text);
  }

  /** Resolves when this many responses have begun, with their statuses. */
  async statuses(count: number): Promise<number[]> {
    const currentStatuses = (): number[] =>
      [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
    await eventually(
      () => currentStatuses().length >= count,
      () => this.received,
    );
    return currentStatuses();
  }

  close(): void {
    this.socket.destroy();
  }
}
