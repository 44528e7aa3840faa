import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReaderView } from '../../../torture/history.js';
import { eventually } from '../../support/eventually.js';
import { InboxConnection, Unavailable } from './inbox-connection.js';
import { PageReader, PollReader, StreamReader, type InboxReader } from './inbox-readers.js';
import type { ReaderHistory } from './reader-checker.js';

const RETRY_MS = 100;
/** A reader that has seen this many errors gives up. */
const ERRORS_MAX = 20;
const TIMEOUT_MS = 40_000;

/** A stream reader, a pager and a long poller for each of some inboxes, which read it completely despite faults. */
export class Readers {
  private readonly readers: InboxReader[] = [];
  private readonly streams: StreamReader[] = [];
  private readonly pollers: PollReader[] = [];
  private readonly unexplained: string[] = [];
  private readonly running: Promise<void>[];
  private readonly ended = new AbortController();

  constructor(
    clients: readonly string[],
    private readonly url: () => string,
  ) {
    // Each request of each reader listens.
    setMaxListeners(0, this.ended.signal);
    for (const client of clients) {
      const stream = new StreamReader(this.connect(client));
      const poller = new PollReader(this.connect(client));
      this.streams.push(stream);
      this.pollers.push(poller);
      this.readers.push(stream, new PageReader(this.connect(client)), poller);
    }
    this.running = this.readers.map((reader) => this.keepReading(reader));
  }

  /** Everything that each reader received, with its cursors. */
  get views(): readonly ReaderView[] {
    return this.readers.map(({ name, inbox, rows }) => ({
      reader: name,
      inbox: inbox.client,
      rows: rows.map(({ cursor, message }) => ({ cursor, text: message })),
    }));
  }

  get history(): ReaderHistory {
    return {
      received: this.readers.map(({ name, inbox, rows }) => ({
        reader: name,
        to: inbox.client,
        texts: rows.map(({ message }) => message),
      })),
      positionChecks: this.pollers.flatMap(({ positionChecks }) => positionChecks),
      resumptions: this.streams.reduce((sum, { opened }) => sum + Math.max(0, opened - 1), 0),
      unexplained: this.unexplained,
    };
  }

  /** Ends them when each has read its inbox to the end and nothing is unread; rejects if that does not happen. */
  async finish(): Promise<void> {
    let behind = [...this.readers];
    if (this.ended.signal.aborted) return;
    try {
      await eventually(
        async () => {
          behind = await this.notAtTheEnd(behind);
          if (behind.length > 0) await sleep(RETRY_MS);
          return behind.length === 0;
        },
        () => `${behind.map(progressOf).join(', ')} did not get to the end; ${this.unexplained.join(', ')}`,
        TIMEOUT_MS,
      );
    } finally {
      await this.stop();
    }
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await Promise.all(this.running);
    for (const { inbox } of this.readers) inbox.close();
  }

  private connect(client: string): InboxConnection {
    return new InboxConnection(client, this.url, this.ended.signal);
  }

  private async keepReading(reader: InboxReader): Promise<void> {
    let unexplained = 0;
    while (!this.ended.signal.aborted && unexplained < ERRORS_MAX) {
      try {
        await reader.read();
      } catch (error) {
        if (this.ended.signal.aborted) return;
        if (!(error instanceof Unavailable)) {
          this.unexplained.push(`${reader.name}: ${String(error)}`);
          unexplained += 1;
        }
      }
      await sleep(RETRY_MS);
    }
  }

  private async notAtTheEnd(readers: readonly InboxReader[]): Promise<InboxReader[]> {
    const behind: InboxReader[] = [];
    for (const reader of readers) {
      const after = reader.rows.at(-1)?.cursor ?? '0';
      const page = await reader.inbox.page(`after=${after}&limit=1`).catch(ignoreUnavailable);
      if (page === undefined || page.messages.length > 0 || page.unread > 0) behind.push(reader);
    }
    return behind;
  }
}

function ignoreUnavailable(error: unknown): undefined {
  if (!(error instanceof Unavailable)) throw error;
}

function progressOf({ name, rows }: InboxReader): string {
  return `${name} at ${rows.at(-1)?.cursor ?? 'the start'}`;
}
