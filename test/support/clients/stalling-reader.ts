import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A stream reader that reads nothing until it is told to, like a client with a blocked connection. */
export class StallingReader {
  private readonly socket: Socket;

  constructor(client: string, url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect({ host: hostname, port: Number(port) });
    // This reader tests connections that are cut.
    this.socket.on('error', () => undefined).pause();
    this.socket.write(`GET /clients/${client}/inbox/stream?after=0 HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
  }

  /** The buffered bytes. Resolves at the end of the server's data, and fails while the stream continues. */
  async readToEnd(timeoutMs: number): Promise<string> {
    const chunks: Buffer[] = [];
    this.socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
    if (!this.socket.closed) await once(this.socket, 'close', { signal: AbortSignal.timeout(timeoutMs) });
    return Buffer.concat(chunks).toString();
  }

  close(): void {
    this.socket.destroy();
  }
}
