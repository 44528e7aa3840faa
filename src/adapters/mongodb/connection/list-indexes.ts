import { mongo } from 'mongoose';
import { DependencyUnavailable } from '../../../application/errors.js';
import type { Logger } from '../../../application/ports/telemetry.js';
import type { MessageDocument } from '../schema/documents.js';
import { errorKind, portError } from '../client/mongo-errors.js';

type Messages = mongo.Collection<MessageDocument>;

/** Partial, so that messages without a failure are not written to these indexes. */
const failed = { partialFilterExpression: { 'failure.state': { $exists: true } } };
const conflicting = { partialFilterExpression: { 'failure.conflictsWith': { $exists: true } } };
/** The filters of the lists, each followed by the order of the list. */
const LIST_INDEXES: readonly mongo.IndexDescription[] = [
  { key: { sentAt: 1, number: 1, _id: 1 } },
  { key: { to: 1, sentAt: 1, number: 1, _id: 1 } },
  { key: { from: 1, sentAt: 1, number: 1, _id: 1 } },
  { key: { 'failure.to': 1, 'failure.state': 1, 'failure.sentAt': 1, _id: 1 }, ...failed },
  { key: { 'failure.from': 1, 'failure.state': 1, 'failure.sentAt': 1, _id: 1 }, ...failed },
  { key: { 'failure.conflictsWith': 1, _id: 1 }, ...conflicting },
];
/** The indexes of earlier versions, for lists in the order of (sentAt, id). */
const LEGACY_INDEXES: readonly mongo.IndexDescription[] = [
  { key: { sentAt: 1, _id: 1 } },
  { key: { to: 1, sentAt: 1, _id: 1 } },
  { key: { from: 1, sentAt: 1, _id: 1 } },
];
const RETRY_MS = 5_000;
const RETRY_AFTER_ERROR_MS = 60_000;
const INDEX_NOT_FOUND = 27;

/**
 * Maintains the indexes that lists need. In a database of an earlier version it builds them in the background,
 * which may take minutes. Until then messages are listed in the order of (sentAt, id); afterwards it drops the
 * legacy indexes.
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

  /** Builds the indexes at once if the collection is empty, otherwise in the background. */
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
      // One command for all indexes: the server reads the collection once, and waits for a build that is in
      // progress.
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
      // Another process has dropped it.
      if (!(error instanceof mongo.MongoServerError && error.code === INDEX_NOT_FOUND)) throw error;
    });
  }

  /** Throws after `close`: the driver would connect a closed client again, and leave it connected. */
  private checkOpen(): void {
    if (this.closed) throw new DependencyUnavailable('store', new Error('closed'));
  }

  /** Tries again later. The server continues a build when the client disconnects, so a timeout is not a failure. */
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

function isSame(existing: mongo.IndexDescription, other: mongo.IndexDescription): boolean {
  return JSON.stringify(existing.key) === JSON.stringify(other.key);
}
