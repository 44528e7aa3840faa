import type { mongo } from 'mongoose';
import { placesOf, type Placed } from '../../../application/inbox/list-order.js';
import type {
  Archive,
  FailureQuery,
  FailureSummary,
  ListedMessage,
  ListPlace,
  MessageQuery,
} from '../../../application/ports/archive.js';
import type { Clock } from '../../../application/ports/clock.js';
import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import type { Known } from '../../../domain/delivery/fate.js';
import type { Identities } from '../../../domain/identity.js';
import type { Holding } from '../../../domain/inbox/message-status.js';
import type { MessageId } from '../../../domain/message.js';
import type { MessageDocument } from '../schema/documents.js';
import {
  LEGACY_CODE,
  LEGACY_FAILURES,
  LEGACY_MESSAGES,
  legacyFailed,
  legacyStored,
} from './legacy-documents.js';
import { mergedLists } from './legacy-merge.js';
import { LegacyReader, type SortedDocument } from './legacy-reader.js';
import { failureFilter, messageFilter } from '../inbox/list-search.js';
import type { MongoArchive } from '../inbox/mongo-archive.js';
import type { MongoConnection } from '../connection/mongo-connection.js';

/** The number of a message that is in no inbox yet. It sorts before the numbered messages of its millisecond. */
const NOT_IN_INBOX = 0;
/** Longer than the clocks of two processes differ, and than a row waits after it is read until it is listed. */
const IMPORTED_CACHE_MS = 60_000;

/** How rows of a legacy collection become rows of a list. */
interface Source<T> {
  readonly reader: LegacyReader;
  readonly query: MessageQuery;
  /** The same query for our own collection (see `LegacyReader.sorted`). */
  readonly ownRows: mongo.Filter<MessageDocument>;
  readonly rowOf: (document: SortedDocument) => T | undefined;
}

/**
 * Reads our own archive together with the documents of the legacy service (NestJS) in the same database that are
 * not imported yet. `known`, `summary` and `conflicts` cover only our own.
 */
export class LegacyArchive implements Archive {
  private readonly legacyMessages: LegacyReader;
  private readonly legacyFailures: readonly LegacyReader[];

  constructor(
    private readonly own: MongoArchive,
    connection: MongoConnection,
    private readonly identities: Identities,
    private readonly clock: Pick<Clock, 'now' | 'elapsed'>,
  ) {
    this.legacyMessages = new LegacyReader(connection, LEGACY_MESSAGES, clock);
    this.legacyFailures = LEGACY_FAILURES.map((name) => new LegacyReader(connection, name, clock));
  }

  async *messages(query: MessageQuery): AsyncGenerator<ListedMessage> {
    const isByNumber = this.own.isByNumber(query);
    const own = this.own.messages(query, isByNumber);
    const source: Source<ListedMessage> = {
      reader: this.legacyMessages,
      query,
      // A message that was imported longer ago is certainly in our list. For a newer one, our list may already have
      // passed its place.
      // eslint-disable-next-line no-restricted-syntax -- the age of a stored time
      ownRows: { ...messageFilter(query), storedAt: { $gte: this.clock.now() - IMPORTED_CACHE_MS } },
      rowOf: (document) => {
        const { number: _number, ...message } = legacyStored(document, this.identities);
        return { ...message, sentAt: document.sentAt, ...(isByNumber && { number: NOT_IN_INBOX }) };
      },
    };
    const any = await this.legacyMessages.hasAny();
    yield* any ? together(legacyRows(source), own, query.limit) : own;
  }

  async *failures(query: FailureQuery): AsyncGenerator<FailedMessage> {
    const { states, code, group, limit, ...rest } = query;
    const source: Omit<Source<FailedMessage>, 'reader'> = {
      // Legacy failures have no group in the database, so the number that a page needs is unknown.
      query: group === undefined && limit !== undefined ? { ...rest, limit } : rest,
      ownRows: failureFilter(query),
      rowOf: (document) => {
        const row = { ...legacyFailed(document, this.identities), sentAt: document.sentAt };
        return group === undefined || row.group.key === group ? row : undefined;
      },
    };
    const mayMatch = states.includes('unresolved') && (code ?? LEGACY_CODE) === LEGACY_CODE;
    let rows = this.own.failures(query);
    for (const reader of mayMatch ? this.legacyFailures : []) {
      if (await reader.hasAny()) rows = together(legacyRows({ ...source, reader }), rows, limit);
    }
    yield* rows;
  }

  /** While legacy messages remain, the lists are merged row by row anyway. */
  async messagePlaces(query: MessageQuery): Promise<readonly ListPlace[]> {
    if (await this.legacyMessages.hasAny()) return placesOf(this.messages(query));
    return this.own.messagePlaces(query);
  }

  async failurePlaces(query: FailureQuery): Promise<readonly ListPlace[]> {
    for (const reader of this.legacyFailures) {
      if (await reader.hasAny()) return placesOf(this.failures(query));
    }
    return this.own.failurePlaces(query);
  }

  conflicts(id: MessageId): Promise<readonly MessageId[]> {
    return this.own.conflicts(id);
  }

  async find(id: MessageId): Promise<Holding | undefined> {
    return (await this.own.find(id)) ?? (await this.findLegacy(id));
  }

  known(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, Known>> {
    return this.own.known(ids);
  }

  summary(): Promise<FailureSummary> {
    return this.own.summary();
  }

  private async findLegacy(id: MessageId): Promise<Holding | undefined> {
    const message = await this.legacyMessages.find(id);
    if (message) return { message: legacyStored(message, this.identities) };
    for (const reader of this.legacyFailures) {
      const failure = await reader.find(id);
      if (failure) return { failure: legacyFailed(failure, this.identities) };
    }
    return undefined;
  }
}

async function* together<T extends Placed>(
  legacy: AsyncGenerator<T>,
  own: AsyncGenerator<T>,
  limit = Infinity,
): AsyncGenerator<T> {
  let left = limit;
  for await (const row of mergedLists(legacy, own)) {
    yield row;
    if (--left <= 0) return;
  }
}

async function* legacyRows<T>(source: Source<T>): AsyncGenerator<T> {
  for await (const document of source.reader.sorted(source.query, source.ownRows)) {
    const row = source.rowOf(document);
    if (row !== undefined) yield row;
  }
}
