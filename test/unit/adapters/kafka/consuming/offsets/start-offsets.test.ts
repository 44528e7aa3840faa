import { expect } from 'chai';
import { metadataOf } from '../../../../../../src/adapters/kafka/consuming/offsets/group-offset.js';
import type {
  LostRecords,
  AssignmentProgress,
} from '../../../../../../src/adapters/kafka/consuming/offsets/start-offsets.js';
import type { RecordDigest } from '../../../../../../src/domain/delivery/consumer-position.js';
import type { RecordingLogger } from '../../../../../support/recording-logger.js';
import { at } from '../consumer-world.js';
import { atFirst, PositionsWorld } from './start-offsets-world.js';

const last: RecordDigest = { offset: 7, hash: 'abc' };
const reached = (next: number, lost = 0, more: Partial<AssignmentProgress> = {}): AssignmentProgress => {
  return { ...atFirst, reached: { next, lost, last: { offset: next - 1, hash: 'def' } }, ...more };
};

describe('StartOffsets', () => {
  let lost: LostRecords[];
  let logger: RecordingLogger;
  let asked: string[];
  let positions: PositionsWorld['positions'];
  let find: PositionsWorld['find'];

  beforeEach(() => {
    const world = new PositionsWorld();
    ({ lost, logger, asked } = world);
    positions = (...known) => world.positions(...known);
    find = (...from) => world.find(...from);
  });

  it('starts a new group at the earliest record', async () => {
    expect(await find(positions({ committed: -1, low: 7, high: 20 }))).to.deep.equal(at(7));
    expect(lost).to.deep.equal([]);
  });

  it('continues at the committed offset, even at the very end', async () => {
    expect(await find(positions({ committed: 12, low: 7, high: 20 }))).to.include({ offset: 12 });
    expect(await find(positions({ committed: 20, low: 7, high: 20 }))).to.include({ offset: 20 });
    expect(lost).to.deep.equal([]);
  });

  it('asks for the end of the log only after it knows the committed offset', async () => {
    await find(positions({ committed: 12, low: 7, high: 20 }));
    expect(asked).to.deep.equal(['offsets', 'offsets answered', 'ledger', 'ends']);
  });

  it('continues at the earliest record if the log dropped the next one, and reports how many are lost', async () => {
    const found = await find(positions({ committed: 3, low: 7, high: 20 }));
    expect(found).to.deep.equal(at(7, { lost: 4, isNew: true }));
    expect(lost).to.deep.equal([{ group: 'receiver', topic: 'mail', partition: 0, count: 4 }]);
    const [line] = logger.lines;
    expect(line).to.deep.include({ level: 'error', event: 'log.records-lost' });
    expect(line?.fields).to.include({ cause: 'dropped', from: 3, to: 7, count: 4 });
  });

  describe('if the log ends below the offset', () => {
    const known = { committed: 50, metadata: metadataOf({ lost: 0, last }), low: 5, high: 20 };

    it('only reports it the first time', async () => {
      expect(await find(positions(known))).to.equal('seems-cut');
      expect(lost).to.deep.equal([]);
    });

    it('starts at the earliest record the second time, and counts at least one lost record', async () => {
      const found = await find(positions(known), { ...atFirst, isSuspected: true });
      expect(found).to.deep.equal(at(5, { lost: 1, isCut: true, isNew: true }));
      expect(lost.map(({ count }) => count)).to.deep.equal([1]);
      expect(logger.lines[0]?.fields).to.include({ cause: 'cut', from: 50, to: 5 });
    });

    it('continues normally if the second answer is not below the offset', async () => {
      const found = await find(positions({ ...known, high: 50 }), { ...atFirst, isSuspected: true });
      expect(found).to.deep.equal(at(50, { last, reread: true }));
      expect(lost).to.deep.equal([]);
    });

    it('acknowledges nothing on the first answer', async () => {
      const asking = positions({ ...known, metadata: metadataOf({ lost: 4 }) }, true);
      await find(asking);
      expect(await find(asking, { ...atFirst, isSuspected: true })).to.include({ lost: 1, isNew: true });
    });
  });

  it('starts at the earliest record if the record before the offset has changed', async () => {
    const asking = positions({ committed: 12, low: 7, high: 20 });
    const found = await find(asking, reached(12, 0, { isCut: true }));
    expect(found).to.deep.equal(at(7, { lost: 1, isCut: true, isNew: true }));
    expect(asked).to.deep.equal(['ends', 'reset']);
  });

  describe('the last finished record', () => {
    const known = { committed: 10, metadata: metadataOf({ lost: 2, last }), low: 0, high: 20 };

    it('is reread', async () => {
      expect(await find(positions(known))).to.deep.equal(at(10, { lost: 2, last, reread: true }));
    });

    it('is not reread if the log has dropped it', async () => {
      const found = await find(positions({ ...known, low: 8 }));
      expect(found).to.deep.equal(at(10, { lost: 2, last, reread: false }));
    });

    it('is not reread if it is not directly before the offset', async () => {
      const odd = metadataOf({ lost: 0, last: { offset: 10, hash: 'abc' } });
      expect(await find(positions({ ...known, metadata: odd }))).to.include({ offset: 10, reread: false });
    });

    it('is no longer reread after two consumers have ended without reading it', async () => {
      const asking = positions(known);
      asking.rereadFailed(0, last);
      expect(await find(asking)).to.include({ reread: true });
      asking.rereadFailed(0, { ...last, hash: 'def' });
      asking.rereadFailed(1, last);
      expect(await find(asking)).to.include({ reread: true });
      asking.rereadFailed(0, last);
      expect(await find(asking)).to.deep.equal(at(10, { lost: 2, last, reread: false }));
      expect(logger.events()).to.deep.equal(['log.reread-given-up']);
    });
  });

  it('prefers the current offset of a partition to the committed or saved one', async () => {
    const found = await find(positions({ committed: 8, low: 7, high: 20 }), reached(15, 3));
    expect(found).to.deep.equal(at(15, { lost: 3, last: { offset: 14, hash: 'def' }, reread: true }));
    expect(asked).to.deep.equal(['ends']);
  });

  it('remembers an earlier loss until it is acknowledged', async () => {
    const known = { committed: 8, metadata: metadataOf({ lost: 4 }), low: 7, high: 20 };
    expect(await find(positions(known))).to.deep.equal(at(8, { lost: 4 }));
    expect(await find(positions(known, true))).to.deep.equal(at(8, { isNew: true }));
    expect(lost).to.deep.equal([]);
  });

  it('adds later losses without treating them as acknowledged', async () => {
    const known = { committed: 5, metadata: metadataOf({ lost: 4 }), low: 7, high: 20 };
    expect(await find(positions(known))).to.include({ lost: 6, isNew: true });
    const acknowledging = positions(known, true);
    expect(await find(acknowledging)).to.include({ lost: 2, isNew: true });
    expect(await find(acknowledging, reached(5, 2))).to.include({ lost: 4, isNew: true });
  });

  it('ignores metadata that other programs leave in their commits', async () => {
    for (const metadata of ['', 'lost', 'lost=x', 'last=7', 'last=x:abc', 'last=7:xyz', 'NO_METADATA']) {
      const found = await find(positions({ committed: 8, metadata, low: 7, high: 20 }));
      expect(found, metadata).to.deep.equal(at(8));
    }
  });

  it('returns nothing for a partition whose leader does not answer, but finds the offsets of the others', async () => {
    const wanted = new Map([
      [5, atFirst],
      [0, atFirst],
    ]);
    const found = await positions({ committed: 1, low: 0, high: 1 }).find(wanted);
    expect([...found.keys()]).to.deep.equal([0]);
  });
});
