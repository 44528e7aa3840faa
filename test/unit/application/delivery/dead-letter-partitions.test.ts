import { expect } from 'chai';
import { idOf } from '../../../../src/domain/delivery/settlement.js';
import type { DeliveryWorld } from '../../../support/delivery/delivery-world.js';
import {
  partitionedWorld,
  type PartitionedWorld,
} from '../../../support/delivery/partitioned-dead-letters.js';
import { appendRaw, appendMessage } from '../../../support/delivery/world-records.js';

/**
 * The partition of d's dead letters. Those of b and c have another one; b shares a partition of the message topic with
 * d.
 */
const FAILING = 0;

const aWorld = (): PartitionedWorld => partitionedWorld({ parkedMax: 100, batchSize: () => 100 });
const invalid = (world: DeliveryWorld, to: string): string => appendMessage(world, { to, message: '' }).id;
const idsOfEvents = (world: DeliveryWorld): string[] => world.ledger.events.map(({ entry }) => idOf(entry));
const published = (world: DeliveryWorld): string[] =>
  world.feed.records['dead-letters'].flat().map((record) => world.codec.decodeDeadLetter(record).id);

describe('Dead letters for a partition', () => {
  for (const mode of ['no-leader', 'hangs'] as const) {
    const what = mode === 'hangs' ? 'whose leader does not answer' : 'without a leader';

    it(`${what} block no delivery that waits for dead letters of other partitions`, async () => {
      const { world, partitions } = aWorld();
      partitions.modes.set(FAILING, mode);
      const waiting = invalid(world, 'd');
      const others = [invalid(world, 'c'), appendMessage(world, { to: 'c' }).id];
      await world.start();
      await world.clock.advance(1_000);
      expect(idsOfEvents(world)).to.deep.equal(others);
      expect(world.feed.committed.messages).to.deep.equal([0, 2]);
      for (let n = 0; n < 10; n += 1) {
        others.push(invalid(world, 'c'), appendMessage(world, { to: 'c' }).id);
        await world.clock.advance(100);
      }
      expect(idsOfEvents(world)).to.deep.equal(others);
      expect(world.feed.committed.messages).to.deep.equal([0, 22]);
      partitions.modes.clear();
      await world.clock.advance(1_000);
      expect(idsOfEvents(world)).to.deep.equal([...others, waiting]);
      expect(world.feed.committed.messages).to.deep.equal([1, 22]);
    });

    it(`${what} block no other recipient of the same run`, async () => {
      const { world, partitions } = aWorld();
      partitions.modes.set(FAILING, mode);
      const rejected = ['b', 'd', 'b', 'd', 'b'].map((to) => ({ to, id: invalid(world, to) }));
      const of = (recipient: string) => rejected.filter(({ to }) => to === recipient).map(({ id }) => id);
      const next = { b: appendMessage(world, { to: 'b' }).id, d: appendMessage(world, { to: 'd' }).id };
      await world.start();
      await world.clock.advance(1_000);
      expect(idsOfEvents(world)).to.deep.equal([...of('b'), next.b]);
      expect(world.feed.committed.messages).to.deep.equal([1, 0]);
      partitions.modes.clear();
      await world.clock.advance(1_000);
      expect(idsOfEvents(world)).to.deep.equal([...of('b'), next.b, ...of('d'), next.d]);
      expect(published(world)).to.have.length(rejected.length);
      expect(world.feed.committed.messages).to.deep.equal([7, 0]);
    });

    it(`${what} wait as long as necessary, are published once each, and count no attempt`, async () => {
      const { world, partitions } = aWorld();
      partitions.modes.set(FAILING, mode);
      const rejected = [invalid(world, 'd'), invalid(world, 'd')];
      await world.start();
      await world.clock.advance(4_000);
      partitions.modes.clear();
      await world.clock.advance(1_000);
      expect(published(world)).to.deep.equal(rejected);
      partitions.modes.set(FAILING, mode);
      const later = invalid(world, 'd');
      const behind = appendMessage(world, { to: 'd' }).id;
      await world.clock.advance(60_000);
      expect(idsOfEvents(world)).to.deep.equal(rejected);
      partitions.modes.clear();
      await world.clock.advance(60_000);
      expect(idsOfEvents(world)).to.deep.equal([...rejected, later, behind]);
      const failures = await world.failures();
      expect(failures.map(({ id, attempts }) => ({ id, attempts }))).to.have.deep.members(
        [...rejected, later].map((id) => ({ id, attempts: 1 })),
      );
    });
  }

  it('are all confirmed before the next message of a recipient whose dead letters have different partitions', async () => {
    const { world, partitions } = aWorld();
    partitions.modes.set(FAILING, 'hangs');
    for (const key of ['b', 'd', 'b']) {
      appendRaw(world, 'b', {
        key: Buffer.from(key),
        value: Buffer.from(JSON.stringify({ from: 'a', to: 'b', message: '' })),
        headers: {},
      });
    }
    const next = appendMessage(world, { to: 'b' }).id;
    await world.start();
    await world.clock.advance(3_000);
    expect(published(world)).to.have.length(2);
    expect(await world.stored()).to.deep.equal([]);
    expect(world.feed.committed.messages).to.deep.equal([0, 0]);
    partitions.modes.clear();
    await world.clock.advance(1_000);
    expect(published(world)).to.have.length(3);
    expect(idsOfEvents(world)).to.have.length(4);
    expect(idsOfEvents(world).at(-1)).to.equal(next);
    expect(world.feed.committed.messages).to.deep.equal([4, 0]);
  });
});
