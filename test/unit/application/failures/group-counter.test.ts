import { expect } from 'chai';
import { InMemoryGroupCountStore } from '../../../support/memory/in-memory-group-count-store.js';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { GroupCounter, type DatedCounts } from '../../../../src/application/failures/group-counter.js';
import type { Clock } from '../../../../src/application/ports/clock.js';
import { aGroup, SlowGroups } from '../../../support/failures/counted-groups.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { settled, type Settled } from '../../../support/failures/settled.js';

const down = new DependencyUnavailable('store', new Error('down'));

/** One process: its counts, and its view of the store, which can freeze or lose its connection separately. */
class Process {
  readonly source = new SlowGroups();
  readonly logger = new RecordingLogger();
  readonly counter: GroupCounter;
  isCut = false;
  private thaw: (() => void) | undefined;
  private frozen: Promise<void> = Promise.resolve();

  constructor(store: InMemoryGroupCountStore, clock: Clock) {
    const through = async <T>(call: () => Promise<T>): Promise<T> => {
      await this.frozen;
      return this.isCut ? Promise.reject(down) : call();
    };
    const view = {
      last: () => through(() => store.last()),
      changeLease: (change: Parameters<typeof store.changeLease>[0]) =>
        through(() => store.changeLease(change)),
      put: (...given: Parameters<typeof store.put>) => through(() => store.put(...given)),
    };
    this.counter = new GroupCounter(this.source, view, clock, this.logger);
  }

  count(): Settled<DatedCounts> {
    return settled(this.counter.count());
  }

  freeze(): void {
    this.frozen = new Promise((resolve) => (this.thaw = resolve));
  }

  wake(): void {
    this.thaw?.();
  }
}

describe('GroupCounter', () => {
  let clock: FakeClock;
  let store: InMemoryGroupCountStore;
  let first: Process;
  let second: Process;

  beforeEach(() => {
    clock = new FakeClock();
    store = new InMemoryGroupCountStore();
    first = new Process(store, clock);
    second = new Process(store, clock);
  });

  const until = async (): Promise<number> => {
    let found = 0;
    await store.changeLease((lease) => {
      found = lease.until;
      return undefined;
    });
    return found;
  };
  const countOf = ({ value }: Settled<DatedCounts>): number | undefined => value?.counts.groups[0]?.count;
  const stored = async (): Promise<number | undefined> => (await store.last())?.groups[0]?.count;

  it('lets the other process wait for the counts, and use them', async () => {
    const asked = [first.count(), second.count()] as const;
    await clock.advance(60_000);
    expect([first.source.counting, second.source.counting]).to.deep.equal([1, 0]);
    first.source.finish(aGroup(5));
    await clock.advance(500);
    expect(asked.map(countOf)).to.deep.equal([5, 5]);
    expect(second.source.counting).to.equal(0);
    expect(asked[1].value?.at).to.equal(asked[0].value?.at);
  });

  it('lets the other process count by itself if the stored counts are incomplete', async () => {
    const many = Array.from({ length: 1_001 }, (_, at) => aGroup(1, `k${String(at)}`));
    const asked = [first.count(), second.count()] as const;
    await clock.advance(1_000);
    first.source.finish(...many);
    await clock.advance(500);
    expect(asked[0].value?.counts.groups).to.have.lengthOf(1_001);
    await clock.advance(500);
    expect(second.source.counting).to.equal(1);
    second.source.finish(...many);
    await clock.advance(0);
    expect(asked[1].value?.counts.groups).to.have.lengthOf(1_001);
  });

  it('takes over when the counting process has died and its lease has expired', async () => {
    first.count();
    await clock.advance(7_000);
    first.isCut = true;
    const asked = second.count();
    await clock.advance(17_000);
    expect(second.source.counting).to.equal(0);
    await clock.advance(1_500);
    expect(second.source.counting).to.equal(1);
    second.source.finish(aGroup(2));
    await clock.advance(0);
    expect(countOf(asked)).to.equal(2);
  });

  it('discards the counts of a process that was frozen while another one counted', async () => {
    first.count();
    await clock.advance(0);
    first.freeze();
    await clock.advance(26_000);
    second.count();
    await clock.advance(0);
    second.source.finish(aGroup(2));
    await clock.advance(0);
    first.source.finish(aGroup(1));
    first.wake();
    await clock.advance(60_000);
    expect(await stored()).to.equal(2);
    expect(await until()).to.equal(0);
  });

  it('does not let a process that was frozen end the lease of the next one', async () => {
    first.count();
    await clock.advance(0);
    first.freeze();
    await clock.advance(26_000);
    second.count();
    await clock.advance(0);
    const leaseEnd = await until();
    first.wake();
    await first.counter.stop();
    expect(await until()).to.equal(leaseEnd);
  });

  it('does not renew a lease whose counts are stored, even if a renewal was in flight', async () => {
    first.count();
    await clock.advance(0);
    first.freeze();
    await clock.advance(5_000);
    first.source.finish(aGroup(1));
    await clock.advance(0);
    first.wake();
    await clock.advance(0);
    expect(await stored()).to.equal(1);
    expect(await until()).to.equal(0);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('releases the lease if counting fails', async () => {
    const asked = first.count();
    await clock.advance(0);
    first.source.fail(down);
    await clock.advance(0);
    expect(asked.error).to.equal(down);
    second.count();
    await clock.advance(0);
    expect(second.source.counting).to.equal(1);
  });

  it('releases the lease when it stops', async () => {
    first.count();
    await clock.advance(0);
    await first.counter.stop();
    second.count();
    await clock.advance(0);
    expect(second.source.counting).to.equal(1);
  });

  it('ends waiting when it stops', async () => {
    first.count();
    const asked = second.count();
    await clock.advance(100);
    await second.counter.stop();
    await clock.advance(500);
    expect(asked.error).to.be.instanceOf(DependencyUnavailable);
    await first.counter.stop();
    expect(clock.pendingTimers).to.equal(0);
  });

  it('returns counts that could not be stored to callers in the same process, and logs that', async () => {
    const asked = first.count();
    await clock.advance(0);
    first.isCut = true;
    first.source.finish(aGroup(3));
    await clock.advance(0);
    expect(countOf(asked)).to.equal(3);
    expect(first.logger.events()).to.deep.equal(['store.counts-not-stored']);
    expect(await stored()).to.equal(undefined);
  });

  it('counts if the lease was left by a clock that has been set back since', async () => {
    first.count();
    await clock.advance(0);
    first.isCut = true;
    clock.stepWall(-3_600_000);
    second.count();
    await clock.advance(0);
    expect(second.source.counting).to.equal(1);
  });

  it('never counts twice concurrently, whichever process asks and when', async () => {
    const processes = Array.from({ length: 5 }, () => new Process(store, clock));
    const counting = (): number => processes.reduce((sum, { source }) => sum + source.counting, 0);
    const asked: Settled<DatedCounts>[] = [];
    for (let round = 0; round < 40; round += 1) {
      const idle = processes[round % 5]!;
      if (round < 5 || asked[asked.length - 5]?.value !== undefined) asked.push(idle.count());
      await clock.advance(137);
      expect(counting()).to.be.at.most(1);
      if (round % 3 === 0) for (const { source } of processes) source.finish(aGroup(round));
      await clock.advance(11);
      expect(counting()).to.be.at.most(1);
    }
    expect(asked.filter(({ value }) => value !== undefined)).to.have.length.greaterThan(10);
  });
});
