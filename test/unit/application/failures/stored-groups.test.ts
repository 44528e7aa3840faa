import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { aGroup, GroupsWorld } from '../../../support/failures/counted-groups.js';
import { settled } from '../../../support/failures/settled.js';

const HOUR_MS = 3_600_000;
const down = new DependencyUnavailable('store', new Error('down'));

describe('Group counts after a start', () => {
  let world: GroupsWorld;

  beforeEach(() => {
    world = new GroupsWorld();
  });

  const began = async (tookMs = 100): Promise<number> => {
    const asOf = world.clock.now();
    world.cached.start();
    await world.clock.advance(0);
    await world.finishCount(1, tookMs);
    return asOf;
  };

  for (const pauseMs of [0, 100 * HOUR_MS]) {
    it(`are the stored ones, at once, ${String(pauseMs)} ms later, while new ones are counted`, async () => {
      const asOf = await began();
      await world.restart(pauseMs);
      expect(await world.currentCount()).to.equal(1);
      expect((await world.cached.counts()).asOf).to.equal(asOf);
      expect(world.source.counting).to.equal(1);
      await world.finishCount(2);
      expect(await world.currentCount()).to.equal(2);
    });
  }

  it('are the stored ones for a first caller that comes before the store is up', async () => {
    await began();
    await world.cached.stop();
    const last = world.store.last.bind(world.store);
    world.store.last = () => Promise.reject(down);
    await world.restart(HOUR_MS);
    world.store.last = last;
    expect(await world.currentCount()).to.equal(1);
  });

  it('are new for alerts, which must not see groups that are gone', async () => {
    await began();
    await world.restart(HOUR_MS);
    const asked = settled(world.cached.groups());
    await world.clock.advance(1_000);
    expect(asked.value).to.equal(undefined);
    await world.finishCount(2);
    expect(asked.value).to.deep.equal([aGroup(2)]);
  });

  it('can be counted at once if the previous process was stopped while it counted', async () => {
    world.cached.start();
    await world.clock.advance(500);
    await world.restart(0);
    expect(world.source.counting).to.equal(1);
  });

  it('are awaited if none were stored', async () => {
    world.cached.start();
    expect(await world.currentCount()).to.equal(undefined);
    const asked = settled(world.cached.counts());
    await world.finishCount(2, 3_000);
    expect(asked.value?.groups).to.deep.equal([aGroup(2)]);
  });

  it('are dated now if the clock that dated them was slightly ahead', async () => {
    await began();
    world.clock.stepWall(-10_000);
    await world.restart(0);
    expect(await world.currentCount()).to.equal(1);
    expect((await world.cached.counts()).asOf).to.equal(world.clock.now());
  });

  it('are awaited if the clock that dated the stored ones was so far ahead that their age is unknown', async () => {
    await began();
    await world.restart(0);
    await world.finishCount(1, 100);
    world.clock.stepWall(-HOUR_MS);
    await world.restart(0);
    expect(await world.currentCount()).to.equal(undefined);
    await world.finishCount(2);
    expect(await world.currentCount()).to.equal(2);
  });

  it('are the largest of many groups, with the number of all, until they are counted', async () => {
    const many = Array.from({ length: 1_500 }, (_, at) => aGroup(2_000 - at, `k${String(at)}`));
    world.cached.start();
    await world.clock.advance(600);
    world.source.finish(...many);
    await world.clock.advance(0);
    expect((await world.cached.counts()).groups).to.have.lengthOf(1_500);
    await world.restart(HOUR_MS);
    const stored = await world.cached.counts();
    expect(stored.total).to.equal(1_500);
    expect(stored.groups).to.deep.equal(many.slice(0, 1_000));
    world.source.finish(...many);
    await world.clock.advance(0);
    expect((await world.cached.counts()).groups).to.have.lengthOf(1_500);
  });

  it('are all groups for alerts, even if the stored ones were counted a moment ago', async () => {
    const many = Array.from({ length: 1_001 }, (_, at) => aGroup(1, `k${String(at)}`));
    world.cached.start();
    await world.clock.advance(600);
    world.source.finish(...many);
    await world.restart(0);
    const asked = settled(world.cached.groups());
    await world.clock.advance(1_000);
    expect(asked.value).to.equal(undefined);
    world.source.finish(...many);
    await world.clock.advance(0);
    expect(asked.value).to.have.lengthOf(1_001);
  });
});
