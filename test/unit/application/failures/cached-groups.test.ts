import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { aGroup, cachedGroups, GroupsWorld, SlowGroups } from '../../../support/failures/counted-groups.js';
import { settled } from '../../../support/failures/settled.js';

const HOUR_MS = 3_600_000;
const down = new DependencyUnavailable('store', new Error('down'));

describe('Group counts', () => {
  let world: GroupsWorld;

  beforeEach(() => {
    world = new GroupsWorld();
  });

  it('are counted once for all concurrent callers', async () => {
    const asked = [world.cached.groups(), world.cached.counts()] as const;
    await world.clock.advance(0);
    expect(world.source.counting).to.equal(1);
    await world.finishCount(1);
    expect(await asked[0]).to.deep.equal([aGroup(1)]);
    expect((await asked[1]).groups).to.deep.equal([aGroup(1)]);
  });

  it('say when they were counted and how many groups there are', async () => {
    const began = world.clock.now();
    const asked = world.cached.counts();
    await world.finishCount(3, 700);
    expect(await asked).to.deep.equal({ asOf: began, tookMs: 700, total: 1, groups: [aGroup(3)] });
  });

  it('are cached for a moment', async () => {
    void world.cached.groups();
    await world.clock.advance(0);
    await world.finishCount(1);
    await world.clock.advance(999);
    expect(await world.cached.groups()).to.deep.equal([aGroup(1)]);
    expect((await world.cached.counts()).groups).to.deep.equal([aGroup(1)]);
    expect(world.source.counting).to.equal(0);
  });

  for (const ask of [() => world.cached.groups(), async () => (await world.cached.counts()).groups]) {
    it('are new if counting is quick, or else the previous ones', async () => {
      void ask();
      await world.clock.advance(0);
      await world.finishCount(1);
      await world.clock.advance(1_000);
      const quick = ask();
      await world.clock.advance(0);
      await world.finishCount(2);
      expect(await quick).to.deep.equal([aGroup(2)]);
      await world.clock.advance(1_000);
      const slow = ask();
      await world.clock.advance(50);
      expect(await slow).to.deep.equal([aGroup(2)]);
      await world.finishCount(3);
      expect(await ask()).to.deep.equal([aGroup(3)]);
    });
  }

  it('are returned without waiting if the last count took long', async () => {
    void world.cached.counts();
    await world.clock.advance(0);
    await world.finishCount(1, 100);
    await world.clock.advance(1_000);
    expect(await world.currentCount()).to.equal(1);
    expect(world.source.counting).to.equal(1);
  });

  it('are awaited by alerts if the cached ones are too old', async () => {
    void world.cached.groups();
    await world.clock.advance(0);
    await world.finishCount(1);
    await world.clock.advance(120_000);
    const asked = world.cached.groups();
    await world.clock.advance(1_000);
    await world.finishCount(2);
    expect(await asked).to.deep.equal([aGroup(2)]);
  });

  it('are never too old for a caller that sees their age', async () => {
    void world.cached.counts();
    await world.clock.advance(0);
    await world.finishCount(1, 100);
    await world.clock.advance(HOUR_MS);
    expect(await world.currentCount()).to.equal(1);
  });

  it('are ready for the first caller after a start, and counted again every minute', async () => {
    world.cached.start();
    await world.clock.advance(0);
    await world.finishCount(1);
    await world.clock.advance(59_999);
    expect(world.source.counting).to.equal(0);
    await world.clock.advance(1);
    expect(world.source.counting).to.equal(1);
    await world.finishCount(2);
    expect(await world.cached.groups()).to.deep.equal([aGroup(2)]);
    await world.cached.stop();
    expect(world.clock.pendingTimers).to.equal(0);
  });

  it('are not refreshed within a minute of a count on request', async () => {
    world.cached.start();
    await world.clock.advance(0);
    await world.finishCount(1);
    await world.clock.advance(40_000);
    void world.cached.counts();
    await world.clock.advance(0);
    await world.finishCount(2);
    await world.clock.advance(59_999);
    expect(world.source.counting).to.equal(0);
    await world.clock.advance(1);
    expect(world.source.counting).to.equal(1);
  });

  it('are those of another process if they are newer than the cached ones, and those are too old', async () => {
    void world.cached.counts();
    await world.clock.advance(0);
    await world.finishCount(1, 100);
    await world.clock.advance(100_000);
    const other = new SlowGroups();
    void cachedGroups(other, world.clock, world.store).counts();
    await world.clock.advance(600);
    other.finish(aGroup(2));
    await world.clock.advance(20_000);
    expect(await world.currentCount()).to.equal(2);
  });

  it('leave no timer behind if they were still being counted when stopped', async () => {
    world.cached.start();
    await world.clock.advance(0);
    await world.cached.stop();
    await world.finishCount(1);
    expect(world.clock.pendingTimers).to.equal(0);
  });

  describe('while the store is down', () => {
    beforeEach(async () => {
      world.cached.start();
      await world.clock.advance(0);
      await world.finishCount(1);
    });

    const away = (): void => {
      world.store.last = () => Promise.reject(down);
      world.store.changeLease = () => Promise.reject(down);
    };

    it('are the last ones for two minutes, then a rejection', async () => {
      away();
      await world.clock.advance(119_999);
      const asked = settled(world.cached.counts());
      await world.clock.advance(50);
      expect(asked.value?.groups).to.deep.equal([aGroup(1)]);
      const late = settled(world.cached.counts());
      await world.clock.advance(50);
      expect(late.error).to.equal(down);
    });

    it('are the last ones for a caller that does not wait for the failing count', async () => {
      await world.clock.advance(1_000);
      void world.cached.counts();
      await world.clock.advance(0);
      await world.finishCount(2, 100);
      await world.clock.advance(1_000);
      away();
      const unhandled: unknown[] = [];
      const listener = (error: unknown): number => unhandled.push(error);
      process.on('unhandledRejection', listener);
      expect(await world.currentCount()).to.equal(2);
      process.off('unhandledRejection', listener);
      expect(unhandled).to.deep.equal([]);
    });

    it('are the stored ones, however old, if the store is readable and not writable', async () => {
      world.store.changeLease = () => Promise.reject(down);
      await world.clock.advance(HOUR_MS);
      const asked = settled(world.cached.counts());
      await world.clock.advance(50);
      expect(asked.value?.groups).to.deep.equal([aGroup(1)]);
    });

    it('are refreshed when it is up again', async () => {
      const { store } = world;
      const [changeLease, last] = [store.changeLease.bind(store), store.last.bind(store)];
      away();
      await world.clock.advance(61_000);
      Object.assign(store, { changeLease, last });
      await world.clock.advance(60_000);
      expect(world.source.counting).to.equal(1);
    });
  });
});
