import { outageDelay } from '../../domain/outage-delay.js';
import { CursorAhead, type InboxRows } from '../../domain/inbox/inbox.js';
import { DependencyUnavailable, QueryTooSlow } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import { backoff, settledWithin } from '../timing.js';
import type { InboxPages } from './inbox-pages.js';
import type { InboxWatch } from './inbox-watch.js';
import type { Watch } from './watch.js';

export interface FollowRequest {
  readonly client: string;
  /** The number seen last; without it, the stream begins with the first unread message. */
  readonly after?: number;
  /** Aborted when the client has left. */
  readonly signal: AbortSignal;
}

const BATCH = 100;
/** The limit of a batch's text in UTF-16 code units. The rest is read again for the next batch. */
const BATCH_LENGTH = 32 * 1024;
/** How long a stream waits for the check of its cursor before it opens without it. */
const CURSOR_CHECK_MS = 5_000;

/**
 * Streams a client's inbox: the stored messages, then new ones as they arrive, without gaps or duplicates and
 * through outages of the store, until the client leaves or the program stops. Batches are read on demand, so
 * a slow client holds at most one in memory. Only a defect rejects.
 *
 * `follow` first checks the cursor and rejects with `CursorAhead` if the inbox ends below it. If the check
 * does not succeed within a few seconds, `follow` resolves without it; the batches then end as soon as the
 * cursor is known to be ahead. They also end if the inbox is restored later and then ends below the cursor.
 */
export class FollowInbox {
  constructor(
    private readonly pages: Pick<InboxPages, 'rows' | 'readUpTo' | 'isAhead'>,
    private readonly watch: InboxWatch,
    private readonly clock: Clock,
    /** Uniform in [0, 1). */
    private readonly random: () => number,
  ) {}

  async follow(request: FollowRequest): Promise<AsyncIterable<InboxRows>> {
    const { client, after } = request;
    if (after === undefined) return this.batches(request, false);
    const isAhead = await settledWithin(this.clock, CURSOR_CHECK_MS, this.pages.isAhead(client, after));
    if (isAhead === true) throw new CursorAhead();
    return this.batches(request, isAhead === undefined);
  }

  private async *batches(
    { client, after, signal }: FollowRequest,
    mayBeAhead: boolean,
  ): AsyncGenerator<InboxRows> {
    const watch = this.watch.open(client);
    watch.mayBeAhead = mayBeAhead;
    const onAbort = (): void => {
      watch.close();
    };
    signal.addEventListener('abort', onAbort);
    try {
      if (signal.aborted) return;
      let cursor = after ?? (await this.retrying(watch, () => this.pages.readUpTo(client)));
      let limit = BATCH;
      let expired = false;
      while (cursor !== undefined && !watch.ended) {
        const [start, maxRows]: [number, number] = [cursor, limit];
        const rows = await this.retrying(watch, () => this.pages.rows(client, start, maxRows));
        if (rows === undefined) return;
        const batch = atMost(BATCH_LENGTH, rows);
        // With long messages, a full page would mostly be read again.
        limit = batch === rows ? Math.min(BATCH, 2 * limit) : batch.messages.length;
        expired ||= batch.expired;
        watch.position = cursor = batch.next;
        if (batch.messages.length > 0) {
          yield { ...batch, expired };
          expired = false;
          // Later messages wake the watch. Reading until a page is empty would cost one more query per message.
          if (batch === rows && rows.isLast) await watch.news();
        } else if (!watch.mayBeAhead) {
          await watch.news();
        } else if (await this.endsBelow(watch, client, cursor)) {
          return;
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      watch.close();
    }
  }

  private async endsBelow(watch: Watch, client: string, cursor: number): Promise<boolean> {
    watch.mayBeAhead = false;
    return (await this.retrying(watch, () => this.pages.isAhead(client, cursor))) ?? true;
  }

  /** Retries a read through outages and slow queries until it succeeds. Returns undefined if the watch ends first. */
  private retrying<T>(watch: Watch, read: () => Promise<T>): Promise<T | undefined> {
    return backoff(read, {
      clock: this.clock,
      delayMs: (retry) => outageDelay(retry, this.random()),
      canBeRetried: (error) => error instanceof DependencyUnavailable || error instanceof QueryTooSlow,
      isOver: () => watch.ended,
    });
  }
}

/** Keeps the first message and those that fit into `length`. */
function atMost(length: number, rows: InboxRows): InboxRows {
  let left = length;
  const end = rows.messages.findIndex(({ message }, at) => (left -= message.length) < 0 && at > 0);
  if (end < 0) return rows;
  const messages = rows.messages.slice(0, end);
  return { ...rows, messages, next: messages.at(-1)?.number ?? rows.next };
}
