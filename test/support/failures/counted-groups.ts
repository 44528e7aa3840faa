import { InMemoryGroupCountStore } from '../memory/in-memory-group-count-store.js';
import { CachedGroups } from '../../../src/application/failures/cached-groups.js';
import { GroupCounter } from '../../../src/application/failures/group-counter.js';
import type { Clock } from '../../../src/application/ports/clock.js';
import type {
  FailureGroups,
  GroupSummary,
  GroupCountStore,
} from '../../../src/application/ports/failures.js';
import { FakeClock } from '../fake-clock.js';
import { RecordingLogger } from '../recording-logger.js';
import { settled } from './settled.js';

export const aGroup = (count: number, key = 'k'): GroupSummary => ({
  ...{ key, code: 'c', reason: 'r', count, first: 1, last: 2, sample: 's', isRefused: false },
});

/** The group counts of one process. */
export function cachedGroups(
  source: FailureGroups,
  clock: Clock,
  store: GroupCountStore = new InMemoryGroupCountStore(),
  logger = new RecordingLogger(),
): CachedGroups {
  return new CachedGroups(new GroupCounter(source, store, clock, logger), store, clock);
}

/** Counts that end when the test says so. */
export class SlowGroups implements FailureGroups {
  private readonly inFlight: {
    resolve: (groups: readonly GroupSummary[]) => void;
    reject: (error: Error) => void;
  }[] = [];

  get counting(): number {
    return this.inFlight.length;
  }

  groups(): Promise<readonly GroupSummary[]> {
    return new Promise((resolve, reject) => this.inFlight.push({ resolve, reject }));
  }

  /** Ends the count that began first. */
  finish(...groups: readonly GroupSummary[]): void {
    this.inFlight.shift()?.resolve(groups);
  }

  fail(error: Error): void {
    this.inFlight.shift()?.reject(error);
  }
}

/** Consecutive api processes over one store. */
export class GroupsWorld {
  readonly clock = new FakeClock();
  readonly store = new InMemoryGroupCountStore();
  source = new SlowGroups();
  cached = cachedGroups(this.source, this.clock, this.store);

  /** Ends the count that began first, after a while. */
  async finishCount(count: number, tookMs = 0): Promise<void> {
    await this.clock.advance(tookMs);
    this.source.finish(aGroup(count));
    await this.clock.advance(0);
  }

  /** Stops the process, and starts the next one. */
  async restart(pauseMs: number): Promise<void> {
    await this.cached.stop();
    await this.clock.advance(pauseMs);
    this.source = new SlowGroups();
    this.cached = cachedGroups(this.source, this.clock, this.store);
    this.cached.start();
    await this.clock.advance(0);
  }

  /** Resolves with the count that a caller gets without waiting. */
  async currentCount(): Promise<number | undefined> {
    const result = settled(this.cached.counts());
    await this.clock.advance(0);
    return result.value?.groups[0]?.count;
  }
}
