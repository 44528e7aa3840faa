import { EventSource } from 'eventsource';
import { eventually } from '../eventually.js';

export interface LiveEvent {
  /** The cursor, as the client library returned it. */
  readonly id: string;
  readonly message: string;
  readonly messageId: string;
  /** The time of arrival, in milliseconds since the epoch. */
  readonly at: number;
}

/**
 * A recipient with a plain EventSource: it keeps received messages and leaves reconnecting to the library. If the
 * library gives up, it starts again after the last event, and records why.
 */
export class LiveReader {
  readonly events: LiveEvent[] = [];
  /** The reasons why the library gave up. */
  readonly closeReasons: string[] = [];
  opened = 0;
  private source: EventSource;

  constructor(
    readonly client: string,
    private readonly url: string,
    /** The cursor to start after. */
    private readonly start = '0',
  ) {
    this.source = this.connect();
  }

  get texts(): string[] {
    return this.events.map(({ message }) => message);
  }

  /** Resolves once the stream has been opened this many times in all. */
  async waitUntilOpened(times = 1): Promise<void> {
    await eventually(
      () => this.opened >= times,
      () => `${this.client} is open for the ${String(this.opened)}th time`,
    );
  }

  /** Resolves once there are this many events in all. */
  async waitForEvents(count: number, timeoutMs?: number): Promise<void> {
    await eventually(
      () => this.events.length >= count,
      () => `${this.client} has ${String(this.events.length)} events of ${String(count)}`,
      timeoutMs,
    );
  }

  close(): void {
    this.source.close();
  }

  private connect(): EventSource {
    const after = this.events.at(-1)?.id ?? this.start;
    const source = new EventSource(`${this.url}/clients/${this.client}/inbox/stream?after=${after}`);
    source.addEventListener('open', () => (this.opened += 1));
    source.addEventListener('message', ({ data, lastEventId: id }) => {
      // The program under test wrote this data, so it has the documented form.
      const { id: messageId, message } = JSON.parse(String(data)) as { id: string; message: string };
      this.events.push({ id, message, messageId, at: Date.now() });
    });
    source.addEventListener('error', ({ code, message }) => {
      if (source.readyState !== source.CLOSED) return;
      this.closeReasons.push(`${String(code)} ${message ?? ''}`);
      setTimeout(() => (this.source = this.connect()), 1_000).unref();
    });
    return source;
  }
}
