/** One server-sent event; `data` is parsed. */
export interface StreamEvent {
  readonly id: string;
  readonly data: Record<string, unknown>;
}

/** Reads an inbox's stream from the wire, without a client library that could hide errors. */
export class EventStream {
  readonly events: StreamEvent[] = [];
  /** Blocks that were no event: comments and `retry`. */
  readonly otherBlocks: string[] = [];
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
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.parse(block);
    }
  }

  private parse(block: string): void {
    const event = /^id: (\S+)\ndata: (.*)$/.exec(block);
    if (event) this.events.push({ id: event[1]!, data: JSON.parse(event[2]!) });
    else this.otherBlocks.push(block);
  }
}
