import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { DependencyUnavailable } from '../../../application/errors.js';
import type { InboxListener, InboxSignals } from '../../../application/ports/inbox.js';
import type { Logger } from '../../../application/ports/telemetry.js';
import { PROBE, type InboxDocument } from '../schema/documents.js';
import type { MongoConnection } from '../connection/mongo-connection.js';
import { errorKind } from '../client/mongo-errors.js';
import { outageDelay } from '../../../domain/outage-delay.js';
import { logFailure } from '../../../application/log-failure.js';

/** A change as the pipeline projects it. */
interface Change {
  readonly documentKey: { readonly _id: string };
  readonly updateDescription?: { readonly updatedFields?: Pick<InboxDocument, 'first' | 'last'> };
}
type Inboxes = mongo.Collection<InboxDocument>;
type Stream = mongo.ChangeStream<InboxDocument>;

const NAME_AND_NUMBERS = [
  {
    $match: {
      operationType: { $in: ['insert', 'update', 'replace'] },
      'documentKey._id': { $ne: PROBE },
    },
  },
  {
    $project: {
      documentKey: 1,
      'updateDescription.updatedFields.first': 1,
      'updateDescription.updatedFields.last': 1,
    },
  },
];
const MAX_AWAIT_MS = 10_000;

/** Follows one change stream per process from the first subscription on, and reopens it after every failure. */
export class MongoInboxSignals implements InboxSignals {
  private readonly listeners = new Set<{ readonly call: InboxListener }>();
  private readonly ended = new AbortController();
  private isFollowing = false;
  private stream: Stream | undefined;
  /** Where to resume after an outage; undefined if all listeners must be called instead. */
  private resumeToken: mongo.ResumeToken;
  private failures = 0;

  constructor(
    private readonly connection: MongoConnection,
    private readonly logger: Logger,
  ) {}

  subscribe(listener: InboxListener): () => void {
    const subscription = { call: listener };
    this.listeners.add(subscription);
    if (!this.isFollowing) void this.follow();
    return () => this.listeners.delete(subscription);
  }

  /** Ends the stream. Call it before the connection is closed. May be called twice. */
  async close(): Promise<void> {
    this.ended.abort();
    this.listeners.clear();
    // This does not wait for a request in flight at the server, which ends with the connection.
    await this.stream?.close();
  }

  private async follow(): Promise<void> {
    this.isFollowing = true;
    const { signal } = this.ended;
    while (!signal.aborted) {
      await this.connection.use('reads', (store) => this.readFrom(store.inboxes)).catch(this.lost);
      const delayMs = outageDelay(this.failures + 1, Math.random());
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async readFrom(inboxes: Inboxes): Promise<void> {
    if (this.resumeToken === undefined) {
      this.resumeToken = await now(inboxes);
      // Listeners may not have seen what was written before.
      this.notify();
    }
    const options = { maxAwaitTimeMS: MAX_AWAIT_MS, resumeAfter: this.resumeToken };
    const stream = inboxes.watch(NAME_AND_NUMBERS, options);
    this.stream = stream;
    try {
      while (!this.ended.signal.aborted) {
        const change = (await stream.next()) as Change; // As the pipeline projects it.
        this.failures = 0;
        this.notify(change.documentKey._id, lastIn(change));
      }
    } finally {
      this.resumeToken = stream.resumeToken;
      await stream.close();
    }
  }

  private notify(client?: string, last?: number): void {
    for (const { call } of this.listeners) call(client, last);
  }

  private readonly lost = (error: unknown): void => {
    if (this.ended.signal.aborted) return;
    this.failures += 1;
    // Not an outage: the history or the collection is gone. The stream starts afresh, and all listeners are called.
    if (!(error instanceof DependencyUnavailable)) this.resumeToken = undefined;
    logFailure(this.logger, 'store.signals-interrupted', error, { kind: errorKind(error) });
  };
}

/**
 * Returns the last number; undefined if the inbox was inserted or replaced, since it may have begun anew below what
 * its readers have seen, or if its first number changed.
 */
function lastIn({ updateDescription }: Change): number | undefined {
  const { first, last } = updateDescription?.updatedFields ?? {};
  return first === undefined ? last : undefined;
}

/**
 * Returns the current end of the stream. A stream has a resume token only after its first answer, and this one does
 * not wait for changes.
 */
async function now(inboxes: Inboxes): Promise<mongo.ResumeToken> {
  const stream = inboxes.watch(NAME_AND_NUMBERS, { maxAwaitTimeMS: 1 });
  try {
    await stream.tryNext();
    return stream.resumeToken;
  } finally {
    await stream.close();
  }
}
