import { connect, type Socket } from 'node:net';
import { ResponseReader, type HttpAnswer } from './response-reader.js';

/** A connection broke before its answer came. */
export const BROKEN: HttpAnswer = { status: 0, head: '', body: '' };

const READ_BYTES = 16 * 1024;

/** One request at a time over one kept connection, made anew when it broke. No more than sockets and text. */
export class Connection {
  private socket: Socket | undefined;
  private onAnswer: ((answer: HttpAnswer) => void) | undefined;

  constructor(private readonly port: number) {}

  /** Calls back once, with `BROKEN` where the connection breaks first. */
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
      // Reading into one buffer spares an allocation for each answer.
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
