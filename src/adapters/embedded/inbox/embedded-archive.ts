import type { Key } from 'lmdb';
import { DependencyUnavailable } from '../../../application/errors.js';
import { isAfter, placesOf, type Placed } from '../../../application/inbox/list-order.js';
import {
  CONFLICTS_MAX,
  type Archive,
  type FailureQuery,
  type FailureSummary,
  type ListPlace,
  type MessageQuery,
} from '../../../application/ports/archive.js';
import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import type { Known } from '../../../domain/delivery/fate.js';
import type { Holding } from '../../../domain/inbox/message-status.js';
import type { Message, MessageId, StoredMessage } from '../../../domain/message.js';
import { toHolding, toKnown, type MessageDocument } from '../store/documents.js';
import type { EmbeddedStore } from '../store/embedded-store.js';

const ENTRIES_PER_READ = 200;
/** Sorts after every id, because ids are hexadecimal. */
const END_OF_IDS = 'g';

interface IndexRow {
  readonly key: Key;
  readonly value: unknown;
}

interface Index {
  getRange(range: { start: Key; end: Key; limit: number }): Iterable<IndexRow>;
}

/**
 * A scan of the keys of an index that begin with `prefix`. `isNumbered` says that a number follows sentAt in the keys.
 */
interface Walk {
  readonly index: Index;
  readonly prefix: readonly string[];
  readonly isNumbered: boolean;
  /** Skips rows with other values, if present. */
  readonly values?: readonly unknown[];
}

/**
 * Reads lists in chunks, each with a read transaction of its own, because lmdb cannot reuse freed pages while an older
 * read transaction is open.
 */
export class EmbeddedArchive implements Archive {
  constructor(private readonly store: EmbeddedStore) {}

  messages(query: MessageQuery): AsyncGenerator<StoredMessage> {
    const { from, to } = query;
    const { byTime, byRecipient, bySender } = this.store.tables;
    const walk = { ...narrowest({ all: byTime, byRecipient, bySender }, query), isNumbered: true };
    return this.walk(walk, query, ({ stored }) =>
      stored && (from === undefined || stored.from === from) && (to === undefined || stored.to === to)
        ? stored
        : undefined,
    );
  }

  failures(query: FailureQuery): AsyncGenerator<FailedMessage> {
    const { from, to, states, code, group } = query;
    const matches = (failure: FailedMessage): boolean =>
      states.includes(failure.state) &&
      (code === undefined || failure.code === code) &&
      (group === undefined || failure.group.key === group) &&
      (from === undefined || failure.from === from) &&
      (to === undefined || failure.to === to);
    const { failures, failuresByRecipient, failuresBySender } = this.store.tables;
    const indexes = { all: failures, byRecipient: failuresByRecipient, bySender: failuresBySender };
    const walk = { ...narrowest(indexes, query), isNumbered: false, values: states };
    return this.walk(walk, query, ({ failure }) => (failure && matches(failure) ? failure : undefined));
  }

  messagePlaces(query: MessageQuery): Promise<readonly ListPlace[]> {
    return placesOf(this.messages(query));
  }

  failurePlaces(query: FailureQuery): Promise<readonly ListPlace[]> {
    return placesOf(this.failures(query));
  }

  find(id: MessageId): Promise<Holding | undefined> {
    const document = this.read(() => this.store.tables.messages.get(id));
    return Promise.resolve(document && toHolding(document));
  }

  conflicts(id: MessageId): Promise<readonly MessageId[]> {
    const range = { start: [id], end: [id, END_OF_IDS], limit: CONFLICTS_MAX };
    const keys = this.read(() => [...this.store.tables.conflicts.getKeys(range)]);
    return Promise.resolve(keys.map((key) => (key as [MessageId, MessageId])[1]));
  }

  known(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, Known>> {
    const known = new Map<MessageId, Known>();
    for (const id of ids) {
      const document = this.read(() => this.store.tables.messages.get(id));
      if (document) known.set(id, toKnown(document));
    }
    return Promise.resolve(known);
  }

  summary(): Promise<FailureSummary> {
    return Promise.resolve(
      this.read(() => {
        const { open } = this.store.tables;
        const { entryCount } = open.getStats() as { entryCount: number };
        for (const { key, value } of open.getRange()) {
          if (value === 'unresolved') return { open: entryCount, oldestFailedAt: (key as [number])[0] };
        }
        return { open: entryCount };
      }),
    );
  }

  private async *walk<T extends Message>(
    walk: Walk,
    query: MessageQuery,
    choose: (document: MessageDocument) => T | undefined,
  ): AsyncGenerator<T> {
    const { after, until, limit = Infinity } = query;
    const { index, prefix, values } = walk;
    const end = [...prefix, until ?? Infinity];
    let start: Key = startOf(walk, query);
    let last: Key | undefined;
    let left = limit;
    for (;;) {
      const rows = this.read(() => [...index.getRange({ start, end, limit: ENTRIES_PER_READ })]);
      for (const { key, value } of rows) {
        if (isSame(key, last) || values?.includes(value) === false) continue;
        const place = placeOf(key, walk);
        if (after && !isAfter(place, after)) continue;
        const document = this.read(() => this.store.tables.messages.get(place.id));
        const row = document && choose(document);
        if (row === undefined) continue;
        yield row;
        left -= 1;
        if (left <= 0) return;
      }
      const reached = rows.at(-1);
      if (reached === undefined || rows.length < ENTRIES_PER_READ) return;
      start = last = reached.key;
      // Let other work run between chunks.
      await new Promise(setImmediate);
    }
  }

  private read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw new DependencyUnavailable('store', error);
    }
  }
}

interface Indexes {
  readonly all: Index;
  readonly byRecipient: Index;
  readonly bySender: Index;
}

/** The index with the fewest rows that contains all rows of the query. */
function narrowest(
  { all, byRecipient, bySender }: Indexes,
  { from, to }: MessageQuery,
): Pick<Walk, 'index' | 'prefix'> {
  if (to !== undefined) return { index: byRecipient, prefix: [to] };
  return from === undefined ? { index: all, prefix: [] } : { index: bySender, prefix: [from] };
}

/** The first key that can be in the list. */
function startOf({ prefix, isNumbered }: Walk, { after, since = -Infinity }: MessageQuery): Key[] {
  if (after === undefined || after.sentAt < since) return [...prefix, since];
  const { sentAt, number, id } = after;
  if (!isNumbered) return [...prefix, sentAt, id];
  return number === undefined ? [...prefix, sentAt] : [...prefix, sentAt, number, id];
}

function placeOf(key: Key, { prefix, isNumbered }: Walk): Placed {
  const [sentAt, ...rest] = (key as Key[]).slice(prefix.length) as [number, ...Key[]];
  const id = rest.at(-1) as string;
  return isNumbered ? { sentAt, number: rest[0] as number, id } : { sentAt, id };
}

function isSame(key: Key, other: Key | undefined): boolean {
  const [a, b] = [key as unknown[], (other ?? []) as unknown[]];
  return a.length === b.length && a.every((part, at) => part === b[at]);
}
