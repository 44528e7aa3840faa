import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http';

export interface InboxRow {
  readonly message: string;
  readonly cursor: string;
  readonly expired?: boolean;
}

export interface InboxPage {
  readonly messages: readonly InboxRow[];
  readonly next: string;
  readonly unread: number;
  readonly expired?: boolean;
}

/**
 * There is no usable response: the connection broke or timed out, or the program answered that it is
 * unavailable.
 */
export class Unavailable extends Error {}

const PAGE_IDLE_MS = 15_000;
/** A live stream sends something every 15 s. */
const STREAM_IDLE_MS = 20_000;

/** One client's inbox, at the program's current address. */
export class InboxConnection {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(
    readonly client: string,
    private readonly url: () => string,
    private readonly signal: AbortSignal,
  ) {}

  async page(query: string, waitS = 0): Promise<InboxPage> {
    const path = `?${query}${waitS > 0 ? `&wait=${String(waitS)}` : ''}`;
    const response = await this.ask(path, 200, PAGE_IDLE_MS + waitS * 1_000);
    // A response that ends normally is complete, because its length is in its headers.
    return JSON.parse(await textOf(response)) as InboxPage;
  }

  async markRead(through: string): Promise<void> {
    const body = JSON.stringify({ through });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    await textOf(await this.ask('/read', 204, PAGE_IDLE_MS, { method: 'POST', headers }, body));
  }

  /** From the start, or from the last event seen. */
  stream(lastEventId: string | undefined): Promise<IncomingMessage> {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    return this.ask('/stream?after=0', 200, STREAM_IDLE_MS, { headers, agent: false });
  }

  close(): void {
    this.agent.destroy();
  }

  private async ask(
    path: string,
    expected: number,
    idleMs: number,
    more: RequestOptions = {},
    body = '',
  ): Promise<IncomingMessage> {
    const options = { agent: this.agent, signal: this.signal, ...more };
    const url = `${this.url()}/clients/${this.client}/inbox${path}`;
    const response = await answer(url, options, idleMs, body);
    const status = response.statusCode ?? 0;
    if (status === expected) return response;
    const text = await textOf(response);
    if (status === 503) throw new Unavailable(text);
    throw new Error(`${path} got ${String(status)}: ${text}`);
  }
}

function answer(
  url: string,
  options: RequestOptions,
  idleMs: number,
  body: string,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = request(url, options);
    asking.on('response', resolve).on('error', (error) => {
      reject(new Unavailable(error.message));
    });
    asking.setTimeout(idleMs, () => asking.destroy(new Error('idle'))).end(body);
  });
}

/** The body until the response ends; rejects if it is cut off. */
export async function* chunksOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8');
  try {
    for await (const chunk of response) yield chunk as string;
  } catch (error) {
    throw new Unavailable(String(error));
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of chunksOf(response)) text += chunk;
  return text;
}
