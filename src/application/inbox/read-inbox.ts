import type { StoredMessage } from '../../domain/message.js';
import type { Clock } from '../ports/clock.js';
import type { ReadPositions } from '../ports/inbox.js';
import type { InboxPage, InboxPages } from './inbox-pages.js';
import type { InboxWatch } from './inbox-watch.js';

export interface PageRequest {
  readonly client: string;
  /** The number seen last; without it, the page begins with the first unread message. */
  readonly after?: number;
  readonly limit: number;
  /** How long to wait for a message if there is none. */
  readonly waitMs: number;
  /** Aborted when the client has left. */
  readonly signal: AbortSignal;
}

/** Reads a client's inbox page by page. Rejects with `DependencyUnavailable`. */
export class ReadInbox {
  constructor(
    private readonly pages: Pick<InboxPages, 'page' | 'messages'>,
    private readonly watch: InboxWatch,
    private readonly positions: Pick<ReadPositions, 'advance'>,
    private readonly clock: Pick<Clock, 'elapsed'>,
  ) {}

  /** Rejects with `CursorAhead` if the inbox ends below `after`, also if it goes back there while the call waits. */
  async page({ client, after, limit, waitMs, signal }: PageRequest): Promise<InboxPage> {
    const deadline = this.clock.elapsed() + waitMs;
    const page = await this.pages.page(client, after, limit);
    if (page.messages.length > 0 || waitMs === 0) return page;
    const later = await this.poll(client, page.next, limit, deadline, signal);
    // The poll begins after the swept messages, so only the first page knows about them.
    return { ...later, expired: page.expired || later.expired };
  }

  /** The messages of a page, read on demand. Messages that were swept since the page was read are absent. */
  messages(client: string, page: Pick<InboxPage, 'messages'>): AsyncIterable<StoredMessage> {
    return this.pages.messages(client, page);
  }

  /** Marks everything up to and including `through` as read. */
  markRead(client: string, through: number): Promise<void> {
    return this.positions.advance(client, through);
  }

  private async poll(
    client: string,
    after: number,
    limit: number,
    deadline: number,
    signal: AbortSignal,
  ): Promise<InboxPage> {
    const watch = this.watch.open(client);
    const onAbort = (): void => {
      watch.close();
    };
    signal.addEventListener('abort', onAbort);
    try {
      for (;;) {
        const page = await this.pages.page(client, after, limit);
        const leftMs = deadline - this.clock.elapsed();
        if (page.messages.length > 0 || leftMs <= 0 || signal.aborted) return page;
        watch.position = page.next;
        if (!(await watch.news(leftMs))) return page;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      watch.close();
    }
  }
}
