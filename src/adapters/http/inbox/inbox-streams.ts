import type { ServerResponse } from 'node:http';
import type { FollowInbox, FollowRequest } from '../../../application/inbox/follow-inbox.js';
import type { CancelTimer, Clock } from '../../../application/ports/clock.js';
import type { InboxRows } from '../../../domain/inbox/inbox.js';
import { cursorOf } from './inbox-request.js';
import { abortOnClose } from '../server/responses/abort-on-close.js';
import { drainOrClose } from '../server/responses/drain-or-close.js';
import { inboxRow } from './inbox-row.js';

const COMMENT_EVERY_MS = 15_000;
/** A stream whose buffer does not drain for this long is cut; the client reconnects with its cursor. */
const STALLED_MS = 15_000;
const RECONNECT_MS = 1_000;
/**
 * Without blank lines of their own: the standard ignores a blank line without data before it, but some client libraries
 * (httpx-sse) report an empty event.
 */
const RETRY = `retry: ${String(RECONNECT_MS)}\n`;
const COMMENT = ':\n';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Without this header nginx buffers events.
  'x-accel-buffering': 'no',
};

/**
 * Serves inboxes as server-sent events (WHATWG HTML, 9.2). Messages that a slow reader has not taken stay in the store.
 */
export class InboxStreams {
  private readonly streams = new Set<ServerResponse>();
  private cancelComments: CancelTimer | undefined;

  constructor(
    private readonly inbox: Pick<FollowInbox, 'follow'>,
    private readonly clock: Clock,
  ) {}

  get size(): number {
    return this.streams.size;
  }

  /**
   * Resolves when the stream has ended: the client disconnected or was cut, its cursor is ahead, or the program stops.
   * Rejects before it answers if the cursor is already known to be ahead.
   */
  async serve(start: Omit<FollowRequest, 'signal'>, response: ServerResponse): Promise<void> {
    const batches = await this.inbox.follow({ ...start, signal: abortOnClose(response) });
    response.writeHead(200, HEADERS);
    if (response.req.method === 'HEAD') {
      response.end();
      return;
    }
    response.write(RETRY);
    this.add(response);
    try {
      for await (const rows of batches) {
        if (!response.write(eventsOf(rows))) await this.drainOrDestroy(response);
      }
      response.end();
    } finally {
      this.streams.delete(response);
    }
  }

  private add(response: ServerResponse): void {
    this.streams.add(response);
    if (this.cancelComments === undefined) this.commentLater();
  }

  /** Sends a comment to every stream, with one timer for all, so that clients and proxies keep the connections open. */
  private commentLater(): void {
    this.cancelComments = this.clock.after(COMMENT_EVERY_MS, () => {
      this.cancelComments = undefined;
      for (const response of this.streams) if (!response.writableNeedDrain) response.write(COMMENT);
      if (this.streams.size > 0) this.commentLater();
    });
  }

  private async drainOrDestroy(response: ServerResponse): Promise<void> {
    const cancel = this.clock.after(STALLED_MS, () => {
      response.destroy();
    });
    await drainOrClose(response);
    cancel();
  }
}

function eventsOf({ messages, expired }: InboxRows): string {
  return messages
    .map((message, at) => {
      const data = { ...inboxRow(message), expired: (expired && at === 0) || undefined };
      return `id: ${cursorOf(message.number)}\ndata: ${JSON.stringify(data)}\n\n`;
    })
    .join('');
}
