import { CursorAhead, readUpTo, rowsAfter, unreadIn } from '../../domain/inbox/inbox.js';
import type { InboxRows, Numbered } from '../../domain/inbox/inbox.js';
import type { StoredMessage } from '../../domain/message.js';
import type { Clock } from '../ports/clock.js';
import type { InboxReader } from '../ports/inbox.js';
import { sleep } from '../timing.js';

/**
 * A page with only the numbers of its messages. Their texts are read as they are written out, so a page of long
 * texts is never held whole.
 */
export interface InboxPage extends InboxRows<Numbered> {
  readonly unread: number;
}

/** Rows of a stream. `isLast` means that the inbox had nothing after them. */
export interface FollowedRows extends InboxRows {
  readonly isLast: boolean;
}

const SETTLING_MS = 20;
const SETTLING_READS = 50;
/** The number of messages of a page that are read at once. */
const ROWS_PER_READ = 50;

/**
 * Reads inboxes without skipping a number that is not visible yet. Rejects with `DependencyUnavailable`; `page`
 * also with `CursorAhead`.
 */
export class InboxPages {
  constructor(
    private readonly reader: InboxReader,
    private readonly clock: Clock,
  ) {}

  /** Reads the page after the cursor; without a cursor, the unread messages. */
  async page(client: string, after: number | undefined, limit: number): Promise<InboxPage> {
    const start = after ?? (await this.readUpTo(client));
    return this.settled(client, start, async () =>
      (await this.reader.numbers(client, start, limit)).map((number) => ({ number })),
    );
  }

  /** Reads the messages of a page in pieces. Messages that were swept in the meantime are absent. */
  async *messages(client: string, page: Pick<InboxPage, 'messages'>): AsyncGenerator<StoredMessage> {
    for (let at = 0; at < page.messages.length; at += ROWS_PER_READ) {
      const rows = page.messages.slice(at, at + ROWS_PER_READ);
      const [first = 0, last = 0] = [rows[0]?.number, rows.at(-1)?.number];
      const messages = await this.reader.page(client, first - 1, rows.length);
      yield* messages.filter(({ number }) => number <= last);
    }
  }

  /** Reads whole messages, without `unread`, so that a reader which continues needs only one query. */
  async rows(client: string, after: number, limit: number): Promise<FollowedRows> {
    let messages = await this.reader.page(client, after, limit);
    const [first] = messages;
    const rows =
      first === undefined || first.number === after + 1
        ? rowsAfter(after, messages, 0)
        : await this.settled(
            client,
            after,
            async () => (messages = await this.reader.page(client, after, limit)),
          );
    return { ...rows, isLast: messages.length < limit && rows.messages.length === messages.length };
  }

  async readUpTo(client: string): Promise<number> {
    return readUpTo(await this.reader.state(client));
  }

  /** Reports whether the inbox ends below a cursor. Rejects while that is unknown. */
  async isAhead(client: string, cursor: number): Promise<boolean> {
    const last = (await this.reader.lastNumbers([client])).get(client) ?? 0;
    return last < cursor && this.isConfirmedAhead(client, cursor);
  }

  /** Reads until the rows follow `start` without a gap. */
  private async settled<T extends Numbered>(
    client: string,
    start: number,
    readAll: () => Promise<readonly T[]>,
  ): Promise<InboxRows<T> & { readonly unread: number }> {
    for (let read = 1; ; read++) {
      const messages = await readAll();
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

  private async isConfirmedAhead(client: string, cursor: number): Promise<boolean> {
    return (await this.reader.confirmedLast(client)) < cursor;
  }
}

/** Accepts a gap that does not close in time, because the database has lost that number. */
function acceptGap<T extends Numbered>(after: number, messages: readonly T[]): InboxRows<T> {
  return rowsAfter(after, messages, messages[0]?.number ?? 0);
}
