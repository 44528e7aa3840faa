import { mongo } from 'mongoose';
import { DependencyUnavailable } from '../../../application/errors.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { MessageDocument } from '../schema/documents.js';
import { errorKind, portError } from '../client/mongo-errors.js';

type Messages = mongo.Collection<MessageDocument>;

/** Stored messages without a failure don't pay for these. */
const failed = { partialFilterExpression: { 'failure.state': { $exists: true } } };
const conflicting = { partialFilterExpression: { 'failure.conflictsWith': { $exists: true } } };
/** The lists' filters, in the order of the lists. */
const LIST_INDEXES: readonly mongo.IndexDescription[] = [
  { key: { sentAt: 1, number: 1, _id: 1 } },
  { key: { to: 1, sentAt: 1, number: 1, _id: 1 } },
  { key: { from: 1, sentAt: 1, number: 1, _id: 1 } },
  { key: { 'failure.to': 1, 'failure.state': 1, 'failure.sentAt': 1, _id: 1 }, ...failed },
  { key: { 'failure.from': 1, 'failure.state': 1, 'failure.sentAt': 1, _id: 1 }, ...failed },
  { key: { 'failure.conflictsWith': 1, _id: 1 }, ...conflicting },
];
/** What earlier versions made for lists in the order of (sentAt, id). */
const LEGACY_INDEXES: readonly mongo.IndexDescription[] = [
  { key: { sentAt: 1, _id: 1 } },
  { key: { to: 1, sentAt: 1, _id: 1 } },
  { key: { from: 1, sentAt: 1, _id: 1 } },
];
const RETRY_MS = 5_000;
const RETRY_AFTER_ERROR_MS = 60_000;
const INDEX_NOT_FOUND = 27;

/**
 * The indexes that lists need. In a database of an earlier version they are built in the background, which may take minutes,
 * and messages are listed in the order of (sentAt, id) until then; after that the legacy indexes are dropped.
 */
export class ListIndexes {
  private built = false;
  private closed = false;

  constructor(
    private readonly logger: Logger,
    private readonly later: (delayMs: number, callback: () => void) => void,
  ) {}

  /** Whether messages can be listed in the order of (sentAt, number, id) by index. */
  get areBuilt(): boolean {
    return this.built;
  }

  /** Builds them at once in an empty collection; in any other the building goes on in the background. */
  async prepare(messages: Messages): Promise<void> {
    const missing = missingOf(await this.existing(messages));
    const isEmpty = missing.length > 0 && (await messages.findOne({}, { projection: { _id: 1 } })) === null;
    if (isEmpty) await messages.createIndexes(missing);
    this.built = missing.length === 0 || isEmpty;
    void this.build(messages);
  }

  close(): void {
    this.closed = true;
  }

  private async build(messages: Messages): Promise<void> {
    try {
      const missing = missingOf(await this.existing(messages));
      // One command for all of them: the server reads the collection once, and waits for a build that is in progress.
      if (missing.length > 0) await messages.createIndexes(missing);
      this.built = true;
      const legacy = legacyOf(await this.existing(messages));
      for (const { name = '' } of legacy) await this.drop(messages, name);
      if (missing.length + legacy.length > 0) {
        this.logger.info('store.indexes-built', { built: missing.length, dropped: legacy.length });
      }
    } catch (error) {
      this.retry(messages, error);
    }
  }

  private async existing(messages: Messages): Promise<readonly mongo.IndexDescription[]> {
    this.checkOpen();
    return await messages.indexes();
  }

  private async drop(messages: Messages, name: string): Promise<void> {
    this.checkOpen();
    await messages.dropIndex(name).catch((error: unknown) => {
      // Another process was faster.
      if (!(error instanceof mongo.MongoServerError && error.code === INDEX_NOT_FOUND)) throw error;
    });
  }

  /** The driver would connect a closed client again, and leave it connected. */
  private checkOpen(): void {
    if (this.closed) throw new DependencyUnavailable('store', new Error('closed'));
  }

  /** The server goes on building while no one waits for it, so a connection that times out is no failure. */
  private retry(messages: Messages, error: unknown): void {
    if (this.closed) return;
    const isOutage = portError(error) instanceof DependencyUnavailable;
    if (!isOutage) this.logger.warn('store.indexes-failed', { kind: errorKind(error), error });
    this.later(isOutage ? RETRY_MS : RETRY_AFTER_ERROR_MS, () => void this.build(messages));
  }
}

function missingOf(existing: readonly mongo.IndexDescription[]): mongo.IndexDescription[] {
  return LIST_INDEXES.filter((index) => !existing.some((other) => isSame(index, other)));
}

function legacyOf(existing: readonly mongo.IndexDescription[]): mongo.IndexDescription[] {
  return existing.filter((index) => LEGACY_INDEXES.some((legacy) => isSame(index, legacy)));
}

function isSame(one: mongo.IndexDescription, other: mongo.IndexDescription): boolean {
  return JSON.stringify(one.key) === JSON.stringify(other.key);
}
