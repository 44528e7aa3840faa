import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A reader of a stream that takes nothing until it is told to, as a client whose line is stuck. */
export class StallingReader {
  private readonly socket: Socket;

  constructor(client: string, url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect({ host: hostname, port: Number(port) });
    // A connection that was cut is what this reader is about.
    this.socket.on('error', () => undefined).pause();
    this.socket.write(`GET /clients/${client}/inbox/stream?after=0 HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
  }

  /** What lay on the line; resolves when the server's end is reached, and fails while the stream goes on. */
  async rest(patienceMs: number): Promise<string> {
    const chunks: Buffer[] = [];
    this.socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
    if (!this.socket.closed) await once(this.socket, 'close', { signal: AbortSignal.timeout(patienceMs) });
    return Buffer.concat(chunks).toString();
  }

  close(): void {
    this.socket.destroy();
  }
}
