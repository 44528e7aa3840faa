import { expect } from 'chai';
import { PartitionCheck, type TopicLayout } from '../../../../src/domain/delivery/partition-check.js';

const TOPIC = 'messages';
const MINUTE = 60_000;

/** A recipient named by a number belongs to the partition with that remainder. */
const partitionOf = (recipient: string, partitions: number): number => Number(recipient) % partitions;

/** A layout in which each partition ends at its offset in `ends`. */
const layout = (...ends: (number | undefined)[]): TopicLayout => ({
  partitions: ends.length,
  ends: new Map(ends.flatMap((end, partition) => (end === undefined ? [] : [[partition, end]]))),
});

const at = (partition: number, offset: number) => ({ topic: TOPIC, partition, offset });

describe('PartitionCheck', () => {
  let check: PartitionCheck;

  beforeEach(() => {
    check = new PartitionCheck(partitionOf);
  });

  it('finds a record outside the partition of its recipient', () => {
    check.observe(layout(0, 0), 0);
    check.check(at(1, 0), '4');
    expect(check.observe(layout(0, 1), 5_000)).to.equal(undefined);
    const example = { topic: TOPIC, partition: 1, offset: 0, recipientPartition: 0 };
    expect(check.observe(layout(0, 1), 10_000)).to.deep.equal({ count: 1, example });
    expect(check.observe(layout(0, 1), 15_000)).to.equal(undefined);
  });

  it('counts all of them and keeps the first as the example', () => {
    check.observe(layout(0, 0), 0);
    for (let offset = 0; offset < 3; offset += 1) check.check(at(1, offset), '4');
    check.observe(layout(0, 3), 5_000);
    check.check(at(0, 7), '5');
    const found = check.observe(layout(8, 3), 10_000);
    expect([found?.count, found?.example.offset]).to.deep.equal([3, 0]);
    expect(check.observe(layout(8, 3), 15_000)).to.deep.include({ count: 1 });
  });

  it('finds nothing where each record is in the partition of its recipient', () => {
    check.observe(layout(0, 0), 0);
    check.check(at(0, 0), '4');
    check.check(at(1, 0), '5');
    expect(confirmed(5_000)).to.equal(undefined);
  });

  it('ignores records that may be older than the present number of partitions', () => {
    check.check(at(1, 2), '4');
    check.observe(layout(0, 3), 0);
    check.check(at(1, 2), '4');
    expect(confirmed(5_000)).to.equal(undefined);
    check.check(at(1, 3), '4');
    expect(confirmed(20_000)).to.equal(1);
  });

  it('ignores records of a partition until it knows the end of that partition', () => {
    check.observe(layout(0, undefined), 0);
    check.check(at(1, 0), '4');
    expect(confirmed(5_000)).to.equal(undefined);
    check.observe(layout(0, 5), 20_000);
    check.check(at(1, 4), '4');
    expect(confirmed(25_000)).to.equal(undefined);
    check.check(at(1, 5), '4');
    expect(confirmed(40_000)).to.equal(1);
  });

  it('ignores records in a partition that it does not know', () => {
    check.observe(layout(0, 0), 0);
    check.check(at(2, 0), '4');
    expect(confirmed(5_000)).to.equal(undefined);
  });

  it('checks a topic that was created again from its beginning', () => {
    check.observe(layout(0, 1_000), 0);
    check.observe(layout(0, 0), 5_000);
    check.check(at(1, 0), '4');
    expect(confirmed(10_000)).to.equal(1);
  });

  describe('when the topic gets more partitions', () => {
    beforeEach(() => {
      check.observe(layout(10, 10), 0);
    });

    it('drops what it found shortly before it noticed', () => {
      check.check(at(1, 10), '5');
      check.observe(layout(10, 11), 5_000);
      check.check(at(1, 11), '8');
      expect(check.observe(layout(10, 12, 0), 10_000)).to.equal(undefined);
      expect(confirmed(15_000, 3)).to.equal(undefined);
      expect(confirmed(11 * MINUTE, 3)).to.equal(undefined);
    });

    it('checks nothing for ten minutes, in which producers learn of them', () => {
      check.observe(layout(10, 10, 0), 5_000);
      check.check(at(1, 12), '5');
      check.observe(layout(10, 13, 0), 9 * MINUTE);
      check.check(at(1, 13), '5');
      expect(confirmed(9.5 * MINUTE, 3)).to.equal(undefined);
    });

    it('checks the records that arrive later, by the new number', () => {
      check.observe(layout(10, 10, 0), 5_000);
      check.observe(layout(10, 20, 9), 11 * MINUTE);
      check.check(at(1, 19), '5');
      check.check(at(2, 9), '5');
      check.check(at(1, 20), '5');
      expect(confirmed(12 * MINUTE, 3)).to.equal(1);
    });
  });

  /** The count that two more layouts of this size confirm. */
  function confirmed(now: number, partitions = 2): number | undefined {
    const size = layout(...new Array<undefined>(partitions).fill(undefined));
    check.observe(size, now);
    return check.observe(size, now + 5_000)?.count;
  }
});
