import { connect, type Socket } from 'node:net';
import { ResponseReader, type HttpAnswer } from './response-reader.js';

/** The answer if a connection breaks before an answer arrived. */
export const BROKEN: HttpAnswer = { status: 0, head: '', body: '' };

const READ_BYTES = 16 * 1024;

/**
 * Sends one request at a time over a kept-alive connection, and reconnects if it breaks. Uses plain sockets for speed.
 */
export class Connection {
  private socket: Socket | undefined;
  private onAnswer: ((answer: HttpAnswer) => void) | undefined;

  constructor(private readonly port: number) {}

  /** Sends a request. Calls `onAnswer` once, with `BROKEN` if the connection breaks first. */
  send(request: string, onAnswer: (answer: HttpAnswer) => void): void {
    this.onAnswer = onAnswer;
    this.socket ??= this.open();
    this.socket.write(request, 'latin1');
  }

  close(): void {
    this.socket?.destroy();
  }

  private open(): Socket {
    const reader = new ResponseReader((answer) => this.end(answer));
    const socket = connect({
      port: this.port,
      host: '127.0.0.1',
      noDelay: true,
      // Reading into one buffer saves an allocation per answer.
      onread: {
        buffer: Buffer.allocUnsafe(READ_BYTES),
        callback: (length, buffer) => {
          reader.take(Buffer.from(buffer.buffer, buffer.byteOffset, length).toString('latin1'));
          return true;
        },
      },
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (this.socket === socket) this.socket = undefined;
      this.end(BROKEN);
    });
    return socket;
  }

  private end(answer: HttpAnswer): void {
    const { onAnswer } = this;
    this.onAnswer = undefined;
    onAnswer?.(answer);
  }
}
