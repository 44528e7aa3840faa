import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../../src/application/errors.js';
import { at, ConsumerWorld } from './consumer-world.js';

describe('GroupConsumer and the start offsets in the ledger', () => {
  it('saves committed offsets 10 s after the commit', async () => {
    const w = await ConsumerWorld.begin({ commit: true }, 1, 2);
    await w.kafka.deliver({ partition: 1, offsets: [10, 11, 12] });
    await w.kafka.deliver({ partition: 2, offsets: [20] });
    await w.clock.advance(10_999);
    expect(await w.kept()).to.deep.equal({});
    await w.clock.advance(1);
    expect(await w.kept()).to.deep.equal({ 1: 13, 2: 21 });
  });

  it('saves no offset that Kafka did not accept', async () => {
    const w = await ConsumerWorld.begin({ commit: true }, 1);
    w.kafka.commitError = new Error('REBALANCE_IN_PROGRESS');
    await w.kafka.deliver({ partition: 1, offsets: [10] });
    await w.clock.advance(30_000);
    expect(await w.kept()).to.deep.equal({});
    w.kafka.commitError = undefined;
    await w.clock.advance(11_000);
    expect(await w.kept()).to.deep.equal({ 1: 11 });
  });

  for (const [what, lose] of [
    ['revoked', (w: ConsumerWorld) => w.kafka.emit('REBALANCING', {})],
    ['drained', (w: ConsumerWorld) => w.consumer.drain()],
  ] as const)
    it(`saves committed offsets at once when its partitions are ${what}`, async () => {
      const w = await ConsumerWorld.begin({ commit: true }, 1);
      await w.kafka.deliver({ partition: 1, offsets: [10, 11] });
      await lose(w);
      await w.clock.advance(0);
      expect(await w.kept()).to.deep.equal({ 1: 12 });
    });

  it('waits while the store is down, and is not replaced meanwhile', async () => {
    const w = await ConsumerWorld.begin();
    w.positions = new DependencyUnavailable('store', new Error('down'));
    w.kafka.join(1);
    await w.watchFor(300_000, new Map([[1, { low: 0, high: 20 }]]));
    expect([w.ends, w.reader.current]).to.deep.equal([[], []]);
    w.positions = new Map([[1, at(10)]]);
    await w.clock.advance(1_000);
    expect(w.reader.current).to.deep.equal([1]);
  });

  it("is replaced if the log does not return the group's offsets within a minute", async () => {
    const w = await ConsumerWorld.begin();
    w.positions = new Error('COORDINATOR_LOAD_IN_PROGRESS');
    w.kafka.join(1);
    await w.watchFor(60_000, new Map([[1, { low: 0, high: 20 }]]));
    expect(w.ends).to.have.length(1);
  });
});
