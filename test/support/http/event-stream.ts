/** One server-sent event; `data` is parsed. */
export interface StreamEvent {
  readonly id: string;
  readonly data: Record<string, unknown>;
}

/** Reads an inbox's stream from the wire, without a client library that could hide errors. */
export class EventStream {
  readonly events: StreamEvent[] = [];
  /** Blank lines without data before them. The standard ignores them; some client libraries report an empty event. */
  emptyEvents = 0;
  comments = 0;
  retryMs: number | undefined;
  /** Lines that no stream of an inbox should contain. */
  readonly otherLines: string[] = [];
  private id: string | undefined;
  private data: string | undefined;
  private readonly ended = new AbortController();
  private done: Promise<void> = Promise.resolve();

  private constructor(readonly response: Response) {}

  static async open(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
    const abort = new AbortController();
    const response = await fetch(url, { headers, signal: abort.signal });
    const stream = new EventStream(response);
    stream.ended.signal.addEventListener('abort', () => abort.abort());
    stream.done = stream.read().catch(() => undefined);
    return stream;
  }

  /** The events, once there are this many. */
  async waitForEvents(count: number, timeoutMs = 15_000): Promise<StreamEvent[]> {
    const deadline = Date.now() + timeoutMs;
    while (this.events.length < count) {
      if (Date.now() > deadline) throw new Error(`${this.events.length} events came, not ${count}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return this.events;
  }

  /** Resolves when the server ends the stream. */
  waitForEnd(): Promise<void> {
    return this.done;
  }

  async close(): Promise<void> {
    this.ended.abort();
    await this.done;
  }

  private async read(): Promise<void> {
    let text = '';
    for await (const chunk of this.response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.parse(line);
    }
  }

  private parse(line: string): void {
    const [, field, value = ''] = /^(\w*): ?(.*)$/.exec(line) ?? [];
    if (line === '') this.dispatch();
    else if (field === '') this.comments += 1;
    else if (field === 'retry') this.retryMs = Number(value);
    else if (field === 'id') this.id = value;
    else if (field === 'data' && this.data === undefined) this.data = value;
    else this.otherLines.push(line);
  }

  private dispatch(): void {
    if (this.data === undefined) this.emptyEvents += 1;
    else this.events.push({ id: this.id ?? '', data: JSON.parse(this.data) });
    this.id = this.data = undefined;
  }
}
