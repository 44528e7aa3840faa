import { expect } from 'chai';
import { at, ConsumerWorld } from './consumer-world.js';

describe('GroupConsumer', () => {
  it('pauses a partition until its start offset is known, and starts there', async () => {
    const w = await ConsumerWorld.begin();
    w.kafka.join(0, 1);
    expect(w.paused).to.deep.equal([0, 1]);
    expect(w.reader.assignments).to.have.length(0);
    await w.clock.advance(0);
    expect(w.kafka.sought).to.deep.equal([
      [0, '0'],
      [1, '10'],
    ]);
    expect(w.paused).to.deep.equal([]);
    expect(w.reader.current).to.deep.equal([0, 1]);
  });

  it('asks for the start offset again after a second while the log does not answer', async () => {
    const w = await ConsumerWorld.begin();
    const known = w.positions;
    w.positions = new Error('down');
    w.kafka.join(1);
    await w.clock.advance(0);
    w.positions = known;
    expect(w.reader.assignments).to.have.length(0);
    await w.clock.advance(1_000);
    expect(w.reader.current).to.deep.equal([1]);
    expect(w.asked).to.have.length(2);
  });

  it('delivers records, and lets kafkajs continue after them', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10, 11, 14] });
    expect(w.offsets).to.deep.equal([10, 11, 14]);
    expect(w.kafka.resolved).to.deep.equal([[1, '14']]);
    expect(w.consumer.hasReceived).to.equal(true);
  });

  it('does not deliver records again that kafkajs fetches twice', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10, 11] });
    w.positions = new Map([[1, at(12)]]);
    await w.kafka.deliver({ partition: 1, offsets: [10, 11, 12] });
    await w.clock.advance(0);
    expect(w.kafka.sought.at(-1)).to.deep.equal([1, '12']);
    await w.kafka.deliver({ partition: 1, offsets: [12] });
    expect(w.offsets).to.deep.equal([10, 11, 12]);
  });

  it('pauses the partition of a reader that stays busy, and resumes it when the reader is ready', async () => {
    const w = await ConsumerWorld.begin({ holds: () => true }, 0, 1);
    const delivering = w.kafka.deliver({ partition: 1, offsets: [10] });
    await w.clock.advance(99);
    expect(w.paused).to.deep.equal([]);
    await w.clock.advance(1);
    await delivering;
    expect(w.paused).to.deep.equal([1]);
    w.reader.release();
    await w.clock.advance(0);
    expect(w.paused).to.deep.equal([]);
  });

  it('does not pause for a reader that is ready soon', async () => {
    const w = await ConsumerWorld.begin({ holds: () => true }, 1);
    const delivering = w.kafka.deliver({ partition: 1, offsets: [10] });
    await w.clock.advance(50);
    w.reader.release();
    await delivering;
    expect(w.clock.pendingTimers).to.equal(0);
    expect(w.paused).to.deep.equal([]);
  });

  it('revokes every reader when the group rebalances, and commits nothing for them afterwards', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10] });
    w.kafka.emit('REBALANCING');
    expect(w.reader.current).to.deep.equal([]);
    w.assignment(1).partition.commit(11);
    await w.clock.advance(10_000);
    expect(w.kafka.commits).to.deep.equal([]);
  });

  it('commits finished records before it joins the next generation', async () => {
    const w = await ConsumerWorld.begin({ commit: true }, 1, 2);
    await w.kafka.deliver({ partition: 1, offsets: [10] });
    await w.kafka.deliver({ partition: 2, offsets: [20] });
    const offsets = (): string[] => w.kafka.commitsSent.map(({ offset }) => offset);
    w.kafka.emit('REBALANCING');
    // In the same tick: later, kafkajs would send it as a commit of the next generation.
    expect(offsets()).to.deep.equal(['11', '21']);
    await w.clock.advance(10_000);
    expect(offsets()).to.have.length(2);
  });

  it('drops uncommitted offsets when its generation has ended unnoticed', async () => {
    const w = await ConsumerWorld.begin({ commit: true }, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10] });
    w.kafka.join(2);
    await w.clock.advance(10_000);
    expect(w.kafka.commits).to.deep.equal([]);
  });

  it('commits what its readers have finished before it revokes them, when it is drained', async () => {
    const w = await ConsumerWorld.begin({ commit: true }, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10, 11] });
    expect(w.kafka.commits).to.deep.equal([]);
    await w.consumer.drain();
    expect(w.kafka.commits.map(({ offset }) => offset)).to.deep.equal(['12']);
  });

  it('creates new readers for a new generation, and does not resume partitions when an old reader gets ready', async () => {
    const w = await ConsumerWorld.begin({ holds: () => true }, 1);
    void w.kafka.deliver({ partition: 1, offsets: [10] });
    await w.clock.advance(100);
    w.kafka.emit('REBALANCING');
    const known = w.positions;
    w.positions = new Error('down');
    w.kafka.join(1, 2);
    w.reader.release();
    await w.clock.advance(0);
    expect(w.paused).to.deep.equal([1, 2]);
    w.positions = known;
    await w.clock.advance(1_000);
    expect(w.reader.assignments).to.have.length(3);
    expect(w.reader.assignments[0]!.revoked).to.equal(true);
    expect(w.reader.current).to.deep.equal([1, 2]);
  });

  it('drops a batch that begins after the expected offset, and asks for the start offset', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10] });
    w.positions = new Map([[1, at(15, { lost: 4, isNew: true })]]);
    const delivering = w.kafka.deliver({ partition: 1, offsets: [15, 16] });
    expect(w.paused).to.deep.equal([1]);
    await delivering;
    await w.clock.advance(0);
    expect(w.asked.at(-1)).to.deep.equal([[1, 11]]);
    expect(w.offsets).to.deep.equal([10]);
    expect(w.kafka.sought.at(-1)).to.deep.equal([1, '15']);
    await w.kafka.deliver({ partition: 1, offsets: [15, 16] });
    expect(w.offsets).to.deep.equal([10, 15, 16]);
    expect(w.reader.assignments).to.have.length(1);
    expect([...w.losses]).to.deep.equal([1]);
  });

  it('skips control records, as kafkajs does', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    w.kafka.emit('START_BATCH_PROCESS', { partition: 1, batchSize: 0, firstOffset: '10', lastOffset: '12' });
    await w.kafka.deliver({ partition: 1, offsets: [13] });
    expect(w.offsets).to.deep.equal([13]);
  });

  it('commits a loss of records at once, and repeats it in every commit', async () => {
    const w = await ConsumerWorld.begin();
    w.positions = new Map([[1, at(15, { lost: 4, isNew: true })]]);
    w.kafka.join(1);
    await w.clock.advance(0);
    expect(w.kafka.commits).to.have.length(1);
    w.assignment(1).partition.commit(17);
    await w.clock.advance(1_000);
    expect(w.kafka.commits).to.deep.equal([
      { partition: 1, offset: '15', metadata: 'lost=4 kept=1' },
      { partition: 1, offset: '17', metadata: 'lost=4 kept=1' },
    ]);
    expect([...w.losses]).to.deep.equal([1]);
    w.kafka.emit('REBALANCING');
    expect([...w.losses]).to.deep.equal([]);
  });

  it('drains while it is still a member, then revokes, and accepts nothing new', async () => {
    const w = await ConsumerWorld.begin({}, 0, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10] });
    const draining = w.consumer.drain();
    expect(w.paused).to.deep.equal([0, 1]);
    void w.kafka.deliver({ partition: 1, offsets: [11] });
    await draining;
    expect(w.reader.assignments.every(({ drained, revoked }) => drained && revoked)).to.equal(true);
    w.kafka.join(0, 1);
    await w.clock.advance(0);
    expect(w.reader.records).to.have.length(1);
    expect(w.reader.assignments).to.have.length(2);
  });

  it('ends on a crash, and throws nothing into a stopped consumer', async () => {
    const w = await ConsumerWorld.begin({ holds: () => true }, 1);
    void w.kafka.deliver({ partition: 1, offsets: [10] });
    await w.clock.advance(100);
    w.kafka.stopped = true;
    w.reader.release();
    await w.clock.advance(0);
    const error = Object.assign(new Error('no'), { name: 'KafkaJSNonRetriableError', retriable: false });
    w.kafka.emit('CRASH', { error });
    await w.clock.advance(0);
    expect(w.ends).to.deep.equal([{ cause: error, passing: false }]);
    expect(w.reader.current).to.deep.equal([]);
  });

  it('ends when its reader fails, so that another consumer receives the batch again', async () => {
    const holds = (): boolean => {
      throw new Error('a bug');
    };
    const w = await ConsumerWorld.begin({ holds }, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10] });
    await w.clock.advance(0);
    expect(w.ends).to.have.length(1);
    expect(w.logger.events()).to.deep.equal(['log.receive-failed']);
  });

  it('drains even after kafkajs has stopped by itself', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    w.kafka.stopped = true;
    await w.consumer.drain();
    expect(w.assignment(1)).to.include({ drained: true, revoked: true });
  });

  it('distinguishes temporary crashes from permanent ones', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    const cause = Object.assign(new Error('closed'), { retriable: true });
    const error = Object.assign(new Error('given up', { cause }), { retriable: false });
    w.kafka.emit('CRASH', { error });
    await w.clock.advance(0);
    expect(w.ends[0]?.passing).to.equal(true);
  });
});
