export interface HttpAnswer {
  readonly status: number;
  /** As it came, in lower case. */
  readonly head: string;
  /** As it came: chunked where it was. */
  readonly body: string;
}

const LAST_CHUNK = '\r\n0\r\n\r\n';

/** Cuts what a connection receives into answers. Reads what the measured servers write, no more of HTTP/1.1. */
export class ResponseReader {
  private text = '';

  constructor(private readonly onAnswer: (answer: HttpAnswer) => void) {}

  /** `text` is one character a byte (latin1). */
  take(text: string): void {
    this.text = this.text === '' ? text : this.text + text;
    for (let end = this.answerEnd(); end > 0; end = this.answerEnd()) this.text = this.text.slice(end);
  }

  /** Hands over the first answer if it is all there, and says where it ends; otherwise 0. */
  private answerEnd(): number {
    const headEnd = this.text.indexOf('\r\n\r\n');
    if (headEnd < 0) return 0;
    const head = this.text.slice(0, headEnd).toLowerCase();
    const start = headEnd + 4;
    const end = bodyEnd(this.text, head, start);
    if (end > this.text.length || end < start) return 0;
    this.onAnswer({ status: Number(head.slice(9, 12)), head, body: this.text.slice(start, end) });
    return end;
  }
}

function bodyEnd(text: string, head: string, start: number): number {
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
  if (length !== undefined) return start + Number(length);
  if (!head.includes('\r\ntransfer-encoding: chunked')) return start;
  // The line break before an empty last chunk may be the one that ends the head.
  const last = text.indexOf(LAST_CHUNK, start - 2);
  return last < 0 ? -1 : last + LAST_CHUNK.length;
}
