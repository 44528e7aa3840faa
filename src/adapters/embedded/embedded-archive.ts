import type { Key } from 'lmdb';
import { DependencyUnavailable } from '../../application/errors.js';
import type { Archive, FailureQuery, FailureSummary, MessageQuery } from '../../application/ports/archive.js';
import type { FailedMessage } from '../../domain/failed-message.js';
import type { Known } from '../../domain/fate.js';
import type { Holding } from '../../domain/message-life.js';
import type { Message, MessageId, StoredMessage } from '../../domain/message.js';
import { toHolding, toKnown, type MessageDocument } from './documents.js';
import type { EmbeddedStore } from './embedded-store.js';

const CHUNK = 200;

interface Index {
  getKeys(range: { start: Key; end: Key; limit: number }): Iterable<Key>;
}

/** An index, the parts that all its keys in question begin with, and what follows them: (sentAt, id). */
interface Walk {
  readonly index: Index;
  readonly prefix: readonly string[];
}

/** Lists in chunks, each a read of its own: a slow reader never keeps the database from reusing its pages. */
export class EmbeddedArchive implements Archive {
  constructor(private readonly store: EmbeddedStore) {}

  messages(query: MessageQuery): AsyncGenerator<StoredMessage> {
    const { from, to } = query;
    return this.walk(this.narrowest(query), query, ({ stored }) =>
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
    const walk = { index: this.store.tables.failures, prefix: [] };
    return this.walk(walk, query, ({ failure }) => (failure && matches(failure) ? failure : undefined));
  }

  find(id: MessageId): Promise<Holding | undefined> {
    const document = this.read(() => this.store.tables.messages.get(id));
    return Promise.resolve(document && toHolding(document));
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

  private narrowest({ from, to }: MessageQuery): Walk {
    const { byTime, byRecipient, bySender } = this.store.tables;
    if (to !== undefined) return { index: byRecipient, prefix: [to] };
    return from === undefined ? { index: byTime, prefix: [] } : { index: bySender, prefix: [from] };
  }

  private async *walk<T extends Message>(
    { index, prefix }: Walk,
    { after, since, until, limit = Infinity }: MessageQuery,
    choose: (document: MessageDocument) => T | undefined,
  ): AsyncGenerator<T> {
    const end = [...prefix, until ?? Infinity];
    let start: Key = after ? [...prefix, after.sentAt, after.id] : [...prefix, since ?? -Infinity];
    let last: Key | undefined = after && start;
    let left = limit;
    for (;;) {
      const keys = this.read(() => [...index.getKeys({ start, end, limit: CHUNK })]);
      const fresh = keys.filter((key) => !isSame(key, last) && isWithin(key, prefix.length, since));
      for (const key of fresh) {
        const document = this.read(() => this.store.tables.messages.get((key as string[]).at(-1) ?? ''));
        const row = document && choose(document);
        if (row === undefined) continue;
        yield row;
        left -= 1;
        if (left <= 0) return;
      }
      if (keys.length < CHUNK) return;
      start = last = keys.at(-1) as Key;
      // Whoever reads slowly lets others have their turn; so does whoever finds little.
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

function isSame(key: Key, other: Key | undefined): boolean {
  const [a, b] = [key as unknown[], (other ?? []) as unknown[]];
  return a.length === b.length && a.every((part, at) => part === b[at]);
}

function isWithin(key: Key, at: number, since = -Infinity): boolean {
  return ((key as unknown[])[at] as number) >= since;
}
