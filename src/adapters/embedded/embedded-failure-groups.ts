import type { FailureGroups, GroupSummary } from '../../application/ports/failure-groups.js';
import type { MessageId } from '../../domain/message.js';
import type { EmbeddedStore } from './embedded-store.js';
import { readStore } from './read-store.js';

/** A key of the table, and how many have all but the time and the id of it in common. */
interface Part {
  readonly count: number;
  readonly first: number;
  readonly oldest: MessageId;
  readonly last: number;
  readonly sample: MessageId;
}

/** From the keys of what is unresolved, which have the failures of a group beside each other, in the order of time. */
export class EmbeddedFailureGroups implements FailureGroups {
  constructor(private readonly store: EmbeddedStore) {}

  async groups(): Promise<readonly GroupSummary[]> {
    const groups: GroupSummary[] = [];
    for (let key = await this.keyAfter([]); key !== undefined; key = await this.keyAfter([key, Infinity])) {
      const group = await readStore(() => this.summary(key ?? ''));
      if (group) groups.push(group);
      // A large group takes a while to count.
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

  private summary(key: string): GroupSummary | undefined {
    const parts = [this.part(key, 0), this.part(key, 1)];
    const [delivered] = parts;
    const told = parts.filter((part) => part !== undefined);
    const latest = told.reduce((a, b) => (isLater(b, a) ? b : a), told[0] ?? NONE);
    const failure = this.store.tables.messages.get(latest.sample)?.failure;
    return (
      failure && {
        key,
        code: failure.code,
        reason: failure.group.reason,
        count: told.reduce((sum, { count }) => sum + count, 0),
        first: Math.min(...told.map(({ first }) => first)),
        last: latest.last,
        sample: latest.sample,
        isRefused: delivered === undefined,
        ...(delivered && { oldest: { id: delivered.oldest, at: delivered.first } }),
      }
    );
  }

  private part(key: string, refused: 0 | 1): Part | undefined {
    const { byGroup } = this.store.tables;
    const [start, end] = [
      [key, refused],
      [key, refused, Infinity],
    ];
    const [first] = byGroup.getKeys({ start, end, limit: 1 });
    const [last] = byGroup.getKeys({ start: end, end: start, reverse: true, limit: 1 });
    if (first === undefined || last === undefined) return undefined;
    const [, , failedAt, sample] = last as [string, number, number, MessageId];
    const count = byGroup.getKeysCount({ start, end });
    const [, , firstAt, oldest] = first as [string, number, number, MessageId];
    return { count, first: firstAt, oldest, last: failedAt, sample };
  }
}

const NONE: Part = { count: 0, first: 0, oldest: '', last: 0, sample: '' };

const isLater = (a: Part, b: Part): boolean => a.last > b.last || (a.last === b.last && a.sample > b.sample);
