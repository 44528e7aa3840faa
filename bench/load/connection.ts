import { connect, type Socket } from 'node:net';
import { ResponseReader, type HttpResponse } from './response-reader.js';

/** The response if a connection breaks before one arrived. */
export const BROKEN: HttpResponse = { status: 0, head: '', body: '' };

const READ_BYTES = 16 * 1024;

/**
 * Sends one request at a time over a kept-alive connection, and reconnects if it breaks. Uses plain sockets for speed.
 */
export class Connection {
  private socket: Socket | undefined;
  private onResponse: ((response: HttpResponse) => void) | undefined;

  constructor(private readonly port: number) {}

  /** Sends a request. Calls `onAnswer` once, with `BROKEN` if the connection breaks first. */
  send(request: string, onResponse: (response: HttpResponse) => void): void {
    this.onResponse = onResponse;
    this.socket ??= this.open();
    this.socket.write(request, 'latin1');
  }

  close(): void {
    this.socket?.destroy();
  }

  private open(): Socket {
    const reader = new ResponseReader((response) => this.complete(response));
    const socket = connect({
      port: this.port,
      host: '127.0.0.1',
      noDelay: true,
      // Reading into one buffer saves an allocation per response.
      onread: {
        buffer: Buffer.allocUnsafe(READ_BYTES),
        callback: (length, buffer) => {
          reader.write(Buffer.from(buffer.buffer, buffer.byteOffset, length).toString('latin1'));
          return true;
        },
      },
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (this.socket === socket) this.socket = undefined;
      this.complete(BROKEN);
    });
    return socket;
  }

  private complete(response: HttpResponse): void {
    const { onResponse } = this;
    this.onResponse = undefined;
    onResponse?.(response);
  }
}
