import { expect } from 'chai';
import type { Position } from '../../../../../src/adapters/kafka/consuming/offsets/start-offsets.js';
import { digestOf } from '../../../../../src/adapters/kafka/consuming/offsets/record-digest.js';
import type { LogRecord } from '../../../../../src/application/ports/record-log.js';
import { at, ConsumerWorld } from './consumer-world.js';

/** A record as the fake kafkajs delivers it. */
const recordAt = (offset: number, text = `record ${String(offset)}`): LogRecord => ({
  ...{ topic: 'mail', partition: 1, offset, timestamp: 1_700_000_000_000, headers: {} },
  ...{ key: Buffer.from('b'), value: Buffer.from(text) },
});

const same = digestOf(recordAt(9));
const another = digestOf(recordAt(9, 'another one'));

describe('GroupConsumer, on a log that may have been cut', () => {
  const assigned = async (last = same): Promise<ConsumerWorld> => {
    const w = await ConsumerWorld.begin();
    w.positions = new Map([[1, at(10, { last, reread: true })]]);
    w.kafka.join(1);
    await w.clock.advance(0);
    return w;
  };

  it('rereads the last finished record, and delivers the records after it', async () => {
    const w = await assigned();
    expect(w.kafka.sought).to.deep.equal([[1, '9']]);
    await w.kafka.deliver({ partition: 1, offsets: [9, 10, 11] });
    expect(w.offsets).to.deep.equal([10, 11]);
    expect(w.asked).to.have.length(1);
  });

  it('delivers later records if the log ends with the reread record', async () => {
    const w = await assigned();
    await w.kafka.deliver({ partition: 1, offsets: [9] });
    expect(w.offsets).to.deep.equal([]);
    await w.kafka.deliver({ partition: 1, offsets: [10] });
    expect(w.offsets).to.deep.equal([10]);
  });

  it('continues if that record is gone', async () => {
    const w = await assigned(another);
    await w.kafka.deliver({ partition: 1, offsets: [10, 11], fetchedFrom: 9 });
    expect(w.offsets).to.deep.equal([10, 11]);
    expect(w.asked).to.have.length(1);
  });

  it('continues if it is gone and only control records are left of its batch', async () => {
    const w = await assigned(another);
    w.kafka.emit('START_BATCH_PROCESS', { partition: 1, batchSize: 0, firstOffset: '9', lastOffset: '9' });
    await w.kafka.deliver({ partition: 1, offsets: [10] });
    expect(w.offsets).to.deep.equal([10]);
    expect(w.asked).to.have.length(1);
  });

  it('restarts at the earliest record if that record has changed', async () => {
    const w = await assigned(another);
    w.positions = new Map([[1, at(3, { lost: 1, isCut: true, isNew: true })]]);
    const delivering = w.kafka.deliver({ partition: 1, offsets: [9, 10, 11] });
    expect(w.paused).to.deep.equal([1]);
    await delivering;
    expect(w.requests.at(-1)).to.include({ isCut: true });
    await w.clock.advance(0);
    expect(w.offsets).to.deep.equal([]);
    expect(w.kafka.sought.at(-1)).to.deep.equal([1, '3']);
    expect(w.kafka.commits).to.deep.equal([{ partition: 1, offset: '3', metadata: 'lost=1 kept=1' }]);
    expect([...w.losses]).to.deep.equal([1]);
    expect(w.paused).to.deep.equal([]);
    await w.kafka.deliver({ partition: 1, offsets: [3, 4] });
    expect(w.assignment(1).records.map(({ offset }) => offset)).to.deep.equal([3, 4]);
    expect(w.reader.current).to.deep.equal([1]);
  });

  it('commits a digest of the last finished record with each offset', async () => {
    const w = await assigned();
    const commit = async (next: number, last?: LogRecord): Promise<void> => {
      w.assignment(1).partition.commit(next, last);
      await w.clock.advance(1_000);
    };
    await commit(10);
    await w.kafka.deliver({ partition: 1, offsets: [9, 10, 11, 12] });
    await commit(11, recordAt(10));
    await commit(13, recordAt(12));
    await commit(13);
    const metadata = (offset: number) => `last=${String(offset)}:${digestOf(recordAt(offset)).hash} kept=1`;
    expect(w.kafka.commits.map((commit) => [commit.offset, commit.metadata])).to.deep.equal([
      ['10', metadata(9)],
      ['11', metadata(10)],
      ['13', metadata(12)],
      ['13', metadata(12)],
    ]);
  });

  it('asks again after a second if the log seems to end below the offset, without delaying other partitions', async () => {
    const w = await ConsumerWorld.begin();
    const known = w.positions;
    w.positions = new Map<number, Position | 'seems-cut'>([
      [1, 'seems-cut'],
      [2, at(20)],
    ]);
    w.kafka.join(1, 2);
    await w.clock.advance(0);
    expect([w.paused, w.reader.current]).to.deep.equal([[1], [2]]);
    await w.clock.advance(999);
    expect(w.asked).to.have.length(1);
    w.positions = known;
    await w.clock.advance(1);
    expect(w.asked.at(-1)).to.deep.equal([[1, undefined]]);
    expect(w.requests.map(({ isSuspected }) => isSuspected)).to.deep.equal([false, false, true]);
    expect([w.paused, w.reader.current]).to.deep.equal([[], [2, 1]]);
  });

  it('asks again for a partition whose leader does not answer, without treating the log as cut', async () => {
    const w = await ConsumerWorld.begin();
    const known = w.positions;
    w.positions = new Map([[2, at(20)]]);
    w.kafka.join(1, 2);
    await w.clock.advance(0);
    expect([w.paused, w.reader.current]).to.deep.equal([[1], [2]]);
    w.positions = known;
    await w.clock.advance(1_000);
    expect(w.requests.map(({ isSuspected }) => isSuspected)).to.deep.equal([false, false, false]);
    expect([w.paused, w.reader.current]).to.deep.equal([[], [2, 1]]);
  });

  it('asks for the start offset when kafkajs has gone back, and delivers none of those records', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10, 11] });
    w.assignment(1).partition.commit(12, recordAt(11));
    w.positions = new Map([[1, 'seems-cut']]);
    await w.kafka.deliver({ partition: 1, offsets: [0, 1, 2] });
    expect(w.paused).to.deep.equal([1]);
    w.positions = new Map([[1, at(0, { lost: 1, isCut: true, isNew: true })]]);
    await w.clock.advance(1_000);
    expect(w.requests.at(-1)).to.deep.include({ isSuspected: true });
    await w.kafka.deliver({ partition: 1, offsets: [0, 1, 2] });
    expect(w.offsets).to.deep.equal([10, 11, 0, 1, 2]);
    expect(w.reader.assignments.map(({ revoked }) => revoked)).to.deep.equal([true, false]);
  });

  it('notices that kafkajs has gone back to a control record', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10, 11] });
    w.kafka.emit('START_BATCH_PROCESS', { partition: 1, batchSize: 0, firstOffset: '0', lastOffset: '1' });
    await w.kafka.deliver({ partition: 1, offsets: [2, 3] });
    expect(w.asked.at(-1)).to.deep.equal([[1, 12]]);
  });

  it('commits its offset again if kafkajs may have committed another one', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10, 11] });
    w.assignment(1).partition.commit(11, recordAt(10));
    w.positions = new Map([[1, at(12, { last: digestOf(recordAt(11)), reread: true, lost: 2 })]]);
    await w.kafka.deliver({ partition: 1, offsets: [0] });
    await w.clock.advance(0);
    const { hash } = digestOf(recordAt(10));
    expect(w.kafka.commits.at(-1)).to.deep.equal({
      ...{ partition: 1, offset: '11', metadata: `lost=2 last=10:${hash} kept=1` },
    });
    await w.kafka.deliver({ partition: 1, offsets: [11, 12] });
    expect(w.offsets).to.deep.equal([10, 11, 12]);
  });

  it('lets its reader finish the records that it has before it restarts', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10, 11] });
    w.positions = new Map([[1, 'seems-cut']]);
    await w.kafka.deliver({ partition: 1, offsets: [0] });
    await w.clock.advance(0);
    w.positions = new Map([[1, at(0, { lost: 1, isCut: true, isNew: true })]]);
    w.assignment(1).partition.commit(11, recordAt(10));
    await w.clock.advance(60_000);
    expect(w.asked).to.have.length(2);
    expect(w.assignment(1).revoked).to.equal(false);
    w.assignment(1).partition.commit(12, recordAt(11));
    await w.clock.advance(1_000);
    expect(w.reader.assignments.map(({ revoked }) => revoked)).to.deep.equal([true, false]);
  });

  it('asks for the start offset when the log has ended below its offset at two checks and kafkajs fetches nothing', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    await w.kafka.deliver({ partition: 1, offsets: [10, 11] });
    const cut = new Map([[1, { low: 0, high: 3 }]]);
    await w.watchFor(5_000, cut);
    expect(w.asked).to.have.length(1);
    await w.watchFor(5_000, cut);
    expect(w.asked.at(-1)).to.deep.equal([[1, 12]]);
  });

  it('does not ask while it makes progress, because the known end of the log is then outdated', async () => {
    const w = await ConsumerWorld.begin({}, 1);
    for (let offset = 10; offset < 20; offset += 1) {
      await w.kafka.deliver({ partition: 1, offsets: [offset] });
      await w.watchFor(5_000, new Map([[1, { low: 0, high: offset }]]));
    }
    expect(w.asked).to.have.length(1);
  });

  it('reports a record that it has not read again when it ends', async () => {
    const w = await assigned();
    w.kafka.emit('CRASH', { error: new Error('no') });
    w.consumer.reportUnfinishedRereads();
    expect(w.failedRereads).to.deep.equal([[1, same]]);
  });

  it('reports no record that it has read, or that belongs to an earlier generation', async () => {
    const w = await assigned();
    w.kafka.emit('REBALANCING');
    w.kafka.join(1);
    await w.clock.advance(0);
    await w.kafka.deliver({ partition: 1, offsets: [9, 10] });
    w.kafka.emit('CRASH', { error: new Error('no') });
    w.consumer.reportUnfinishedRereads();
    expect(w.failedRereads).to.deep.equal([]);
  });
});
