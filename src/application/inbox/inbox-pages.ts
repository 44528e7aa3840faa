import { CursorAhead, readUpTo, rowsAfter, unreadIn, type InboxRows } from '../../domain/inbox.js';
import type { Clock } from '../ports/clock.js';
import type { InboxReader } from '../ports/inbox-reader.js';
import { sleep } from '../sleep.js';

export interface InboxPage extends InboxRows {
  readonly unread: number;
}

const SETTLING_MS = 20;
const SETTLING_READS = 50;

/** Reads inboxes so that nobody passes over a number. Rejects with `DependencyUnavailable`, `page` with `CursorAhead`. */
export class InboxPages {
  constructor(
    private readonly reader: InboxReader,
    private readonly clock: Clock,
  ) {}

  /** What is after the cursor; without one, what is unread. */
  async page(client: string, after: number | undefined, limit: number): Promise<InboxPage> {
    const start = after ?? (await this.readUpTo(client));
    for (let read = 1; ; read++) {
      const messages = await this.reader.page(client, start, limit);
      const state = await this.reader.state(client);
      if (messages.length === 0 && start > state.last && (await this.isConfirmedAhead(client, start))) {
        throw new CursorAhead();
      }
      const rows = rowsAfter(start, messages, state.first);
      if (!rows.isPremature) return { ...rows, unread: unreadIn(state) };
      if (read === SETTLING_READS) return { ...acceptGap(start, messages), unread: unreadIn(state) };
      await sleep(this.clock, SETTLING_MS);
    }
  }

  /** The same without `unread`, which costs a reader that goes on where it was only one query. */
  async rows(client: string, after: number, limit: number): Promise<InboxRows> {
    const messages = await this.reader.page(client, after, limit);
    const [first] = messages;
    if (first === undefined || first.number === after + 1) return rowsAfter(after, messages, 0);
    return this.page(client, after, limit);
  }

  async readUpTo(client: string): Promise<number> {
    return readUpTo(await this.reader.state(client));
  }

  /** Whether the inbox ends below a cursor. Rejects while that cannot be known. */
  async isAhead(client: string, cursor: number): Promise<boolean> {
    const last = (await this.reader.lastNumbers([client])).get(client) ?? 0;
    return last < cursor && this.isConfirmedAhead(client, cursor);
  }

  private async isConfirmedAhead(client: string, cursor: number): Promise<boolean> {
    return (await this.reader.confirmedLast(client)) < cursor;
  }
}

/** A number that stays away for so long was lost with the database's own data: what is there is still to be read. */
function acceptGap(after: number, messages: InboxRows['messages']): InboxRows {
  return rowsAfter(after, messages, messages[0]?.number ?? 0);
}
