export interface HttpResponse {
  readonly status: number;
  /** The status line and headers, in lower case. */
  readonly head: string;
  /** The raw body, which may be chunked. */
  readonly body: string;
}

const LAST_CHUNK = '\r\n0\r\n\r\n';

/** Splits received data into HTTP/1.1 responses. Supports only what the measured servers write. */
export class ResponseReader {
  private text = '';

  constructor(private readonly onResponse: (response: HttpResponse) => void) {}

  /** `text` has one character per byte (latin1). */
  write(text: string): void {
    this.text = this.text === '' ? text : this.text + text;
    for (let end = this.nextResponseEnd(); end > 0; end = this.nextResponseEnd())
      this.text = this.text.slice(end);
  }

  /** Passes on the first response and returns its end, or returns 0 if the response is incomplete. */
  private nextResponseEnd(): number {
    const headEnd = this.text.indexOf('\r\n\r\n');
    if (headEnd < 0) return 0;
    const head = this.text.slice(0, headEnd).toLowerCase();
    const start = headEnd + 4;
    const end = bodyEnd(this.text, head, start);
    if (end > this.text.length || end < start) return 0;
    this.onResponse({ status: Number(head.slice(9, 12)), head, body: this.text.slice(start, end) });
    return end;
  }
}

function bodyEnd(text: string, head: string, start: number): number {
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
  if (length !== undefined) return start + Number(length);
  if (!head.includes('\r\ntransfer-encoding: chunked')) return start;
  // If the body has only the last, empty chunk, the line break before it is the one that ends the head.
  const last = text.indexOf(LAST_CHUNK, start - 2);
  return last < 0 ? -1 : last + LAST_CHUNK.length;
}
