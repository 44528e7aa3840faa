import { expect } from 'chai';
import { ConsumerWorld } from './consumer-world.js';

const MINUTE = 60_000;
const behind = new Map([[1, { low: 0, high: 12 }]]);

describe('GroupConsumer, watched', () => {
  it('ends after a minute without progress while there are records to read', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.watchFor(MINUTE - 5_000, behind);
    expect(w.ends).to.deep.equal([]);
    await w.watchFor(10_000, behind);
    expect(w.ends).to.have.length(1);
    expect(w.ends[0]?.passing).to.equal(false);
  });

  it('continues while fetches succeed and return nothing', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.watchFor(MINUTE - 5_000, behind);
    w.kafka.emit('FETCH');
    await w.watchFor(10_000, behind);
    expect(w.ends[0]?.passing).to.equal(true);
  });

  it('continues while there is nothing to read', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.watchFor(5 * MINUTE, new Map([[1, { low: 0, high: 10 }]]));
    expect(w.ends).to.deep.equal([]);
  });

  it('continues while its reader is not ready, however long', async () => {
    const w = await ConsumerWorld.begin({ holds: () => true }, 1);
    void w.kafka.deliver({ partition: 1, offsets: [10] });
    await w.watchFor(5 * MINUTE, behind);
    expect(w.ends).to.deep.equal([]);
  });

  it('continues while the log does not answer', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.watchFor(5 * MINUTE, undefined);
    await w.watchFor(MINUTE - 10_000, behind);
    expect(w.ends).to.deep.equal([]);
  });

  it('continues while the leader of its partition does not answer', async () => {
    const w = await ConsumerWorld.begin();
    w.positions = new Map();
    w.kafka.join(1);
    await w.watchFor(5 * MINUTE, new Map([[2, { low: 0, high: 12 }]]));
    expect(w.ends).to.deep.equal([]);
    await w.watchFor(MINUTE, behind);
    expect(w.ends).to.have.length(1);
  });

  it('ends when it has not joined the group for a minute', async () => {
    const w = await ConsumerWorld.begin();
    await w.watchFor(MINUTE, behind);
    expect(w.ends).to.have.length(1);
  });

  it('ends neither early when the wall clock is set ahead, nor late when it is set back', async () => {
    for (const step of [60 * MINUTE, -60 * MINUTE]) {
      const w = await ConsumerWorld.begin();
      w.clock.stepWall(step);
      await w.watchFor(MINUTE - 5_000, behind);
      expect(w.ends).to.deep.equal([]);
      await w.watchFor(5_000, behind);
      expect(w.ends).to.have.length(1);
    }
  });

  it('continues while it reads, when the wall clock is set ahead', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    w.clock.stepWall(60 * MINUTE);
    await w.watchFor(MINUTE - 10_000, behind);
    expect(w.ends).to.deep.equal([]);
  });

  it('continues as a member without partitions', async () => {
    const w = await ConsumerWorld.begin();
    w.kafka.join();
    await w.watchFor(5 * MINUTE, behind);
    expect(w.ends).to.deep.equal([]);
  });
});
