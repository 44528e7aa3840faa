import type { Key } from 'lmdb';
import type { FailureGroups, GroupSummary } from '../../../application/ports/failures.js';
import type { MessageId } from '../../../domain/message.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { readStore } from '../store/read-store.js';

/** Keys counted in one synchronous step, which takes less than a millisecond. */
const FAILURES_PER_PART = 5_000;

/** The failures of one group with the same `refused` flag. */
interface Part {
  readonly count: number;
  readonly first: number;
  readonly oldest: MessageId;
  readonly last: number;
  readonly sample: MessageId;
}

/** Counts the groups from the index of unresolved failures, which is ordered by group and then by time. */
export class EmbeddedFailureGroups implements FailureGroups {
  constructor(private readonly store: EmbeddedStore) {}

  async groups(): Promise<readonly GroupSummary[]> {
    const groups: GroupSummary[] = [];
    for (let key = await this.keyAfter([]); key !== undefined; key = await this.keyAfter([key, Infinity])) {
      const counts = [await this.count(key, 0), await this.count(key, 1)] as const;
      const group = await readStore(() => this.summary(key ?? '', counts));
      if (group) groups.push(group);
      await new Promise(setImmediate);
    }
    return groups.sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
  }

  private keyAfter(start: (string | number)[]): Promise<string | undefined> {
    return readStore(() => {
      const [next] = this.store.tables.byGroup.getKeys({ start, limit: 1 });
      return (next as [string] | undefined)?.[0];
    });
  }

  /** Counts in steps and yields to the event loop between them. */
  private async count(key: string, refused: 0 | 1): Promise<number> {
    const end = [key, refused, Infinity];
    let start: Key = [key, refused];
    for (let count = 0; ; count += FAILURES_PER_PART) {
      const [next] = await readStore(() => [
        ...this.store.tables.byGroup.getKeys({ start, end, offset: FAILURES_PER_PART, limit: 1 }),
      ]);
      if (next === undefined) {
        return count + (await readStore(() => this.store.tables.byGroup.getKeysCount({ start, end })));
      }
      start = next;
      await new Promise(setImmediate);
    }
  }

  private summary(key: string, counts: readonly [number, number]): GroupSummary | undefined {
    const parts = [this.part(key, 0, counts[0]), this.part(key, 1, counts[1])];
    const [delivered] = parts;
    const present = parts.filter((part) => part !== undefined);
    const latest = present.reduce((a, b) => (isLater(b, a) ? b : a), present[0] ?? NONE);
    const failure = this.store.tables.messages.get(latest.sample)?.failure;
    return (
      failure && {
        key,
        code: failure.code,
        reason: failure.group.reason,
        count: present.reduce((sum, { count }) => sum + count, 0),
        first: Math.min(...present.map(({ first }) => first)),
        last: latest.last,
        sample: latest.sample,
        isRefused: delivered === undefined,
        ...(delivered && { oldest: { id: delivered.oldest, at: delivered.first } }),
      }
    );
  }

  private part(key: string, refused: 0 | 1, counted: number): Part | undefined {
    const { byGroup } = this.store.tables;
    const [start, end] = [
      [key, refused],
      [key, refused, Infinity],
    ];
    const [first] = byGroup.getKeys({ start, end, limit: 1 });
    const [last] = byGroup.getKeys({ start: end, end: start, reverse: true, limit: 1 });
    if (first === undefined || last === undefined) return undefined;
    const [, , failedAt, sample] = last as [string, number, number, MessageId];
    const [, , firstAt, oldest] = first as [string, number, number, MessageId];
    // The count is older than this read: at least the failure found now exists.
    return { count: Math.max(1, counted), first: firstAt, oldest, last: failedAt, sample };
  }
}

const NONE: Part = { count: 0, first: 0, oldest: '', last: 0, sample: '' };

const isLater = (a: Part, b: Part): boolean => a.last > b.last || (a.last === b.last && a.sample > b.sample);
