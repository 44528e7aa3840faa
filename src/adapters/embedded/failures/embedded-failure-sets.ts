import type { Key } from 'lmdb';
import type { FailureSets, ReplayCounts, ReplaySet, Selection } from '../../../application/ports/failures.js';
import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import type { MessageId } from '../../../domain/message.js';
import { matchesFilter, type MarkFate, type ReplayFilter } from '../../../domain/failures/replay-job.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { marksRange } from '../store/replay-marks.js';
import { readStore } from '../store/read-store.js';

const KEYS_PER_READ = 200;
const REMEMBERED_JOBS = 1_000;
/** Longer than the key of any group. lmdb throws if it is asked for a key beyond its own limit. */
const GROUP_KEY_MAX_LENGTH = 100;

/** Without a job, all failures that the filter selects. */
type Members = Omit<ReplaySet, 'job'> & Partial<Pick<ReplaySet, 'job'>>;

interface Member {
  readonly key: Key;
  readonly id: MessageId;
  readonly recordedAt: number;
}

/** Finds the unresolved failures of a bulk replay in chunks, each with a read transaction of its own. */
export class EmbeddedFailureSets implements FailureSets {
  /** The first key of each job's last chunk. The job has already examined all keys before it. */
  private readonly reached = new Map<string, Key>();

  constructor(private readonly store: EmbeddedStore) {}

  async select(filter: ReplayFilter, now: number): Promise<Selection> {
    let count = 0;
    let before = now;
    for await (const { recordedAt } of this.members({ filter, before: Infinity })) {
      count += 1;
      before = Math.max(before, recordedAt + 1);
    }
    return { count, before };
  }

  async next(set: ReplaySet, limit: number): Promise<readonly MessageId[]> {
    const from = this.reached.get(set.job);
    const found = await this.limited(set, limit, from);
    // No members from there on: look from the beginning.
    const members = found.length === 0 && from ? await this.limited(set, limit) : found;
    const first = members[0]?.key;
    if (this.reached.size >= REMEMBERED_JOBS) this.reached.clear();
    if (first === undefined) this.reached.delete(set.job);
    else this.reached.set(set.job, first);
    return members.map(({ id }) => id);
  }

  counts(job: string): Promise<ReplayCounts> {
    const { marks } = this.store.tables;
    const count = (fate: MarkFate): number => marks.getKeysCount(marksRange(job, fate));
    return readStore(() => ({
      published: count('published') + count('failed-again'),
      skipped: count('skipped'),
      failedAgain: count('failed-again'),
      pending: count('pending'),
    }));
  }

  overdue(now: number, limit: number): Promise<readonly MessageId[]> {
    return readStore(() => {
      const keys = [...this.store.tables.leases.getKeys({ end: [now], limit })];
      return keys.map((key) => (key as [number, MessageId])[1]);
    });
  }

  leased(ids: readonly MessageId[], lease: number): Promise<readonly MessageId[]> {
    const { leases } = this.store.tables;
    return readStore(() => ids.filter((id) => leases.doesExist([lease, id])));
  }

  private async limited(set: Members, limit: number, from?: Key): Promise<Member[]> {
    const limited: Member[] = [];
    if (limit <= 0) return limited;
    for await (const member of this.members(set, from)) {
      limited.push(member);
      if (limited.length === limit) break;
    }
    return limited;
  }

  private async *members(set: Members, from?: Key): AsyncGenerator<Member> {
    const { byGroup } = this.store.tables;
    const { group } = set.filter;
    if (group !== undefined && group.length > GROUP_KEY_MAX_LENGTH) return;
    const end = group === undefined ? undefined : [group, Infinity];
    let start = from ?? (group === undefined ? [] : [group]);
    for (;;) {
      const range = { start, ...(end && { end }), limit: KEYS_PER_READ };
      const keys = await readStore(() => [...byGroup.getKeys(range)]);
      for (const member of await readStore(() => this.membersAt(keys, set))) yield member;
      const last = keys.at(-1) as string[] | undefined;
      if (last === undefined || keys.length < KEYS_PER_READ) return;
      start = [...last, ''];
      // Let other work run.
      await new Promise(setImmediate);
    }
  }

  private membersAt(keys: readonly Key[], set: Members): Member[] {
    return keys.flatMap((key) => {
      const id = (key as string[]).at(-1) ?? '';
      const failure = this.store.tables.messages.get(id)?.failure;
      return failure && isMember(failure, set) ? [{ key, id, recordedAt: failure.recordedAt }] : [];
    });
  }
}

function isMember(failure: FailedMessage, { job, filter, before }: Members): boolean {
  return (
    failure.state === 'unresolved' &&
    failure.recordedAt < before &&
    matchesFilter(failure, filter) &&
    !failure.jobs?.some(({ id }) => id === job)
  );
}
