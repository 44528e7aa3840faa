import { CursorAhead, type InboxRows } from '../../domain/inbox/inbox.js';
import { DependencyUnavailable, QueryTooSlow } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import { settledWithin, sleep } from '../timing.js';
import type { InboxPages } from './inbox-pages.js';
import type { InboxWatch } from './inbox-watch.js';
import type { Watch } from './watch.js';

export interface FollowRequest {
  readonly client: string;
  /** The number seen last; without it, it begins with what is unread. */
  readonly after?: number;
  /** Nobody follows any more. */
  readonly signal: AbortSignal;
}

/**
 * A client follows its inbox: what is there, then what comes, without gap or double, through outages of the store,
 * until nobody follows or the program stops. Batches are made when they are asked for, so that who takes them slowly
 * holds no more than one. Only a defect rejects.
 *
 * `follow` first checks the cursor, and rejects with `CursorAhead` when the inbox ends below it. While that cannot be
 * known, within a few seconds, it resolves all the same; the batches end as soon as the cursor is known to be ahead,
 * also when the inbox goes back later.
 */
export interface FollowInbox {
  follow(request: FollowRequest): Promise<AsyncIterable<InboxRows>>;
}

const BATCH = 100;
/** Of text in a batch, in UTF-16 code units; what is beyond is read again in its turn. */
const BATCH_LENGTH = 32 * 1024;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
/** How long a stream waits for the check of its cursor before it opens without it. */
const CURSOR_CHECK_MS = 5_000;

export class InboxFollowing implements FollowInbox {
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
    const leave = (): void => {
      watch.close();
    };
    signal.addEventListener('abort', leave);
    try {
      if (signal.aborted) return;
      let cursor = after ?? (await this.retrying(watch, () => this.pages.readUpTo(client)));
      let limit = BATCH;
      let expired = false;
      while (cursor !== undefined && !watch.ended) {
        const [start, most]: [number, number] = [cursor, limit];
        const rows = await this.retrying(watch, () => this.pages.rows(client, start, most));
        if (rows === undefined) return;
        const batch = atMost(BATCH_LENGTH, rows);
        // Where messages are long, most of what is read would be read again.
        limit = batch === rows ? Math.min(BATCH, 2 * limit) : batch.messages.length;
        expired ||= batch.expired;
        watch.position = cursor = batch.next;
        if (batch.messages.length > 0) {
          yield { ...batch, expired };
          expired = false;
        } else if (!watch.mayBeAhead) {
          await watch.news();
        } else if (await this.endsBelow(watch, client, cursor)) {
          return;
        }
      }
    } finally {
      signal.removeEventListener('abort', leave);
      watch.close();
    }
  }

  private async endsBelow(watch: Watch, client: string, cursor: number): Promise<boolean> {
    watch.mayBeAhead = false;
    return (await this.retrying(watch, () => this.pages.isAhead(client, cursor))) ?? true;
  }

  /** Repeats a read that meets an outage, or is too slow, until it succeeds; undefined where nobody is left to read for. */
  private async retrying<T>(watch: Watch, read: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 0; !watch.ended; failures++) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof DependencyUnavailable || error instanceof QueryTooSlow)) throw error;
        const delay = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
        await sleep(this.clock, delay * (0.5 + this.random() / 2));
      }
    }
    return undefined;
  }
}

/** At least one message, and no more than fit. */
function atMost(length: number, rows: InboxRows): InboxRows {
  let left = length;
  const end = rows.messages.findIndex(({ message }, at) => (left -= message.length) < 0 && at > 0);
  if (end < 0) return rows;
  const messages = rows.messages.slice(0, end);
  return { ...rows, messages, next: messages.at(-1)?.number ?? rows.next };
}
