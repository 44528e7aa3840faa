import type {
  FailedReplays,
  UnnotifiedReplay,
  FailureGroups,
  GroupSummary,
  FailureSets,
  ReplayCounts,
  ReplaySet,
  ReplayJobs,
  Selection,
} from '../../../src/application/ports/failures.js';
import type { FailedMessage } from '../../../src/domain/failures/failed-message.js';
import type { MessageId } from '../../../src/domain/message.js';
import {
  fateOfMark,
  matchesFilter,
  type MarkFate,
  type ReplayFilter,
  type ReplayJob,
} from '../../../src/domain/failures/replay-job.js';
import type { InMemoryLedger } from './in-memory-ledger.js';

/** Queries over the failures of the in-memory ledger, and its bulk replays. */
export class InMemoryFailures implements FailureSets, FailureGroups, FailedReplays, ReplayJobs {
  private readonly jobs = new Map<string, ReplayJob>();

  constructor(private readonly ledger: Pick<InMemoryLedger, 'allFailures'>) {}

  select(filter: ReplayFilter, now: number): Promise<Selection> {
    const selected = this.all().filter(
      (failure) => failure.state === 'unresolved' && matchesFilter(failure, filter),
    );
    const before = Math.max(now, ...selected.map(({ recordedAt }) => recordedAt + 1));
    return Promise.resolve({ count: selected.length, before });
  }

  next(set: ReplaySet, limit: number): Promise<readonly MessageId[]> {
    const members = this.members(set).slice(0, limit);
    return Promise.resolve(members.map(({ id }) => id));
  }

  counts(job: string): Promise<ReplayCounts> {
    const fates = this.all().flatMap((failure) =>
      (failure.jobs ?? []).filter(({ id }) => id === job).map((mark) => fateOfMark(failure, mark)),
    );
    const count = (fate: MarkFate): number => fates.filter((candidate) => candidate === fate).length;
    return Promise.resolve({
      published: count('published') + count('failed-again'),
      skipped: count('skipped'),
      failedAgain: count('failed-again'),
      pending: count('pending'),
    });
  }

  overdue(now: number, limit: number): Promise<readonly MessageId[]> {
    const overdue = this.all().filter(({ lease }) => lease !== undefined && lease < now);
    overdue.sort((a, b) => (a.lease ?? 0) - (b.lease ?? 0));
    return Promise.resolve(overdue.slice(0, limit).map(({ id }) => id));
  }

  leased(ids: readonly MessageId[], lease: number): Promise<readonly MessageId[]> {
    const found = this.all().filter((failure) => failure.lease === lease && ids.includes(failure.id));
    return Promise.resolve(found.map(({ id }) => id));
  }

  groups(): Promise<readonly GroupSummary[]> {
    const groups = new Map<string, FailedMessage[]>();
    for (const failure of this.all().filter(({ state }) => state === 'unresolved')) {
      groups.set(failure.group.key, [...(groups.get(failure.group.key) ?? []), failure]);
    }
    const summaries = [...groups.values()].map(summaryOf);
    return Promise.resolve(summaries.sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1)));
  }

  unnotified(limit: number): Promise<readonly UnnotifiedReplay[]> {
    const unnotified = this.all().filter(({ alert }) => alert === 'replay-failed');
    return Promise.resolve(unnotified.slice(0, limit));
  }

  insert(job: ReplayJob): Promise<void> {
    this.jobs.set(job.id, job);
    return Promise.resolve();
  }

  find(id: string): Promise<ReplayJob | undefined> {
    return Promise.resolve(this.jobs.get(id));
  }

  change(id: string, change: (job: ReplayJob) => ReplayJob | undefined): Promise<ReplayJob | undefined> {
    const job = this.jobs.get(id);
    const changed = job && change(job);
    if (changed) this.jobs.set(id, changed);
    return Promise.resolve(changed);
  }

  running(): Promise<readonly ReplayJob[]> {
    return Promise.resolve([...this.jobs.values()].filter(({ state }) => state === 'running'));
  }

  private all(): FailedMessage[] {
    return [...this.ledger.allFailures()];
  }

  private members({ job, filter, before }: ReplaySet): FailedMessage[] {
    return this.all().filter(
      (failure) =>
        failure.state === 'unresolved' &&
        failure.recordedAt < before &&
        matchesFilter(failure, filter) &&
        !failure.jobs?.some(({ id }) => id === job),
    );
  }
}

function summaryOf(failures: readonly FailedMessage[]): GroupSummary {
  const byTime = [...failures].sort((a, b) => a.failedAt - b.failedAt || (a.id < b.id ? -1 : 1));
  const [first, last] = [byTime[0], byTime.at(-1)];
  const oldest = byTime.find(({ disposition }) => disposition !== 'refused');
  return {
    key: last?.group.key ?? '',
    code: last?.code ?? '',
    reason: last?.group.reason ?? '',
    count: failures.length,
    first: first?.failedAt ?? 0,
    last: last?.failedAt ?? 0,
    sample: last?.id ?? '',
    isRefused: oldest === undefined,
    ...(oldest && { oldest: { id: oldest.id, at: oldest.failedAt } }),
  };
}
