import { expect } from 'chai';
import { CachedGroups } from '../../../src/application/failures/cached-groups.js';
import type { GroupSummary } from '../../../src/application/ports/failure-groups.js';
import { FakeClock } from '../../support/fake-clock.js';

const group = (count: number): GroupSummary => ({
  ...{ key: 'k', code: 'c', reason: 'r', count, first: 1, last: 2, sample: 's', isRefused: false },
});

describe('The counts of groups', () => {
  let clock: FakeClock;
  let answers: ((groups: readonly GroupSummary[]) => void)[];
  let cached: CachedGroups;

  beforeEach(() => {
    clock = new FakeClock();
    answers = [];
    cached = new CachedGroups({ groups: () => new Promise((resolve) => answers.push(resolve)) }, clock);
  });

  async function counted(count: number): Promise<void> {
    answers.shift()?.([group(count)]);
    await clock.advance(0);
  }

  it('are counted once for all who ask at the same time', async () => {
    const asked = [cached.groups(), cached.groups()];
    expect(answers).to.have.lengthOf(1);
    await counted(1);
    expect(await Promise.all(asked)).to.deep.equal([[group(1)], [group(1)]]);
  });

  it('are kept for a moment', async () => {
    void cached.groups();
    await counted(1);
    await clock.advance(999);
    expect(await cached.groups()).to.deep.equal([group(1)]);
    expect(answers).to.have.lengthOf(0);
  });

  it('are new where counting is quick, else those of a moment ago', async () => {
    void cached.groups();
    await counted(1);
    await clock.advance(1_000);
    const quick = cached.groups();
    await counted(2);
    expect(await quick).to.deep.equal([group(2)]);
    await clock.advance(1_000);
    const slow = cached.groups();
    await clock.advance(50);
    expect(await slow).to.deep.equal([group(2)]);
    await counted(3);
    expect(await cached.groups()).to.deep.equal([group(3)]);
  });

  it('are waited for where the last ones are too old', async () => {
    void cached.groups();
    await counted(1);
    await clock.advance(120_000);
    const asked = cached.groups();
    await clock.advance(1_000);
    await counted(2);
    expect(await asked).to.deep.equal([group(2)]);
  });

  it('are there for the first who asks, once it was started', async () => {
    cached.start();
    await counted(1);
    await clock.advance(59_000);
    const asked = cached.groups();
    await clock.advance(50);
    expect(await asked).to.deep.equal([group(1)]);
    await counted(2);
    await clock.advance(1_500);
    await counted(3);
    expect(await cached.groups()).to.deep.equal([group(3)]);
    cached.stop();
    expect(clock.pendingTimers).to.equal(0);
  });
});
