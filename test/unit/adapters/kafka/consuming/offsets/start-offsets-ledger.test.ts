import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../../../src/application/errors.js';
import { metadataOf } from '../../../../../../src/adapters/kafka/consuming/offsets/group-offset.js';
import type { RecordDigest } from '../../../../../../src/domain/delivery/consumer-position.js';
import { at } from '../consumer-world.js';
import { atFirst, PositionsWorld } from './start-offsets-world.js';

const log = { low: 7, high: 20 };
const digest = (offset: number): RecordDigest => ({ offset, hash: 'abc' });

describe('StartOffsets with positions in Kafka and in the ledger', () => {
  describe('if the ledger is behind Kafka', () => {
    const known = { committed: 18, kept: { next: 12, lost: 0, last: digest(11) }, ...log };

    it('starts at the position of the ledger, rereads the record before it, and logs that', async () => {
      const world = new PositionsWorld();
      const found = await world.find(world.positions(known));
      expect(found).to.deep.equal(at(12, { last: digest(11), reread: true }));
      expect(
        world.logger.lines.map(({ level, event, fields }) => ({ level, event, ...fields })),
      ).to.deep.equal([
        {
          ...{ level: 'warn', event: 'log.ledger-behind' },
          ...{ group: 'receiver', topic: 'mail', partition: 0, kafka: 18, ledger: 12 },
        },
      ]);
      expect(await world.saved()).to.deep.equal(known.kept);
    });

    it('counts as lost the records that the log has dropped between the position of the ledger and its earliest record', async () => {
      const world = new PositionsWorld();
      const found = await world.find(world.positions({ ...known, kept: { next: 3, lost: 0 } }));
      expect(found).to.deep.equal(at(7, { lost: 4, isNew: true }));
      expect(world.lost.map(({ count }) => count)).to.deep.equal([4]);
      expect(world.logger.lines.at(-1)?.fields).to.include({ cause: 'dropped', from: 3, to: 7 });
    });

    it('keeps the loss that Kafka has recorded, because the ledger may not know yet that it was acknowledged', async () => {
      const world = new PositionsWorld();
      const kept = { next: 12, lost: 4 };
      expect(await world.find(world.positions({ ...known, kept }))).to.include({ lost: 0, isNew: false });
      const metadata = metadataOf({ lost: 2 });
      expect(await world.find(world.positions({ ...known, metadata, kept }))).to.include({ lost: 2 });
    });

    it("treats the log as cut if it ends below Kafka's offset", async () => {
      const world = new PositionsWorld();
      const asking = world.positions({ ...known, committed: 21 });
      expect(await world.find(asking)).to.equal('seems-cut');
      expect(world.logger.events()).to.deep.equal([]);
      const found = await world.find(asking, { ...atFirst, isSuspected: true });
      expect(found).to.deep.equal(at(7, { lost: 1, isCut: true, isNew: true }));
      expect(world.logger.lines.at(-1)?.fields).to.include({ cause: 'cut', from: 21, to: 7 });
    });
  });

  describe('if Kafka has forgotten the group', () => {
    const known = { committed: -1, kept: { next: 12, lost: 3, last: digest(11) }, ...log };

    it('starts at the position of the ledger, with its loss', async () => {
      const world = new PositionsWorld();
      const found = await world.find(world.positions(known));
      expect(found).to.deep.equal(at(12, { lost: 3, last: digest(11), reread: true }));
      expect(world.logger.events()).to.deep.equal([]);
    });

    it('counts records that the log has dropped since', async () => {
      const world = new PositionsWorld();
      const found = await world.find(world.positions({ ...known, kept: { next: 3, lost: 0 } }));
      expect(found).to.deep.equal(at(7, { lost: 4, isNew: true }));
      expect(world.lost.map(({ count }) => count)).to.deep.equal([4]);
    });

    it('treats the log as cut if it ends below the position of the ledger', async () => {
      const world = new PositionsWorld();
      const asking = world.positions({ ...known, kept: { next: 21, lost: 0 } });
      expect(await world.find(asking)).to.equal('seems-cut');
      const found = await world.find(asking, { ...atFirst, isSuspected: true });
      expect(found).to.deep.equal(at(7, { lost: 1, isCut: true, isNew: true }));
      expect(await world.saved()).to.deep.equal({ next: 7, lost: 1 });
    });
  });

  describe('if the ledger has no position', () => {
    const known = { committed: 18, kept: 'none' as const, ...log };

    it('starts at the earliest record if a commit says that there was a position: the ledger was lost', async () => {
      const world = new PositionsWorld();
      const metadata = metadataOf({ lost: 2, last: digest(17) });
      const found = await world.find(world.positions({ ...known, metadata }));
      expect(found).to.deep.equal(at(7, { lost: 2 }));
      expect(world.lost).to.deep.equal([]);
      expect(world.logger.lines.map(({ event, fields }) => [event, fields])).to.deep.equal([
        ['log.ledger-behind', { group: 'receiver', topic: 'mail', partition: 0, kafka: 18 }],
      ]);
    });

    for (const metadata of [null, `last=17:abc`]) {
      const what = metadata ?? 'no metadata';
      it(`starts at the earliest record if the ledger was empty at first, whatever was committed (${what})`, async () => {
        const world = new PositionsWorld(true);
        expect(await world.find(world.positions({ ...known, metadata }))).to.deep.equal(at(7));
        expect(world.logger.events()).to.deep.equal(['log.ledger-behind']);
      });

      it(`starts at the offset of an earlier version of the program (${what}), and saves that first`, async () => {
        const world = new PositionsWorld();
        const found = await world.find(world.positions({ ...known, metadata }));
        const last = metadata === null ? {} : { last: digest(17) };
        expect(found).to.deep.equal(at(18, { ...last, reread: metadata !== null }));
        expect(world.logger.events()).to.deep.equal([]);
        expect(await world.saved()).to.deep.equal({ next: 18, lost: 0, ...last });
      });
    }

    it('starts a new group at the earliest record, without logging anything', async () => {
      const world = new PositionsWorld();
      expect(await world.find(world.positions({ ...known, committed: -1 }))).to.deep.equal(at(7));
      expect([world.logger.events(), await world.saved()]).to.deep.equal([[], undefined]);
    });
  });

  it('resets the ledger if Kafka is behind it, so that the ledger is never ahead', async () => {
    const world = new PositionsWorld();
    const metadata = metadataOf({ lost: 0, last: digest(9) });
    const found = await world.find(
      world.positions({ committed: 10, metadata, kept: { next: 15, lost: 0, last: digest(14) }, ...log }),
    );
    expect(found).to.deep.equal(at(10, { last: digest(9), reread: true }));
    expect(await world.saved()).to.deep.equal({ next: 10, lost: 0, last: digest(9) });
    expect(world.logger.events()).to.deep.equal([]);
  });

  it('resets the ledger if a running consumer restarts on a cut log', async () => {
    const world = new PositionsWorld();
    const asking = world.positions({ committed: 18, ...log });
    const reached = { next: 18, lost: 0, last: digest(17) };
    await world.find(asking, { ...atFirst, reached, isCut: true });
    expect(await world.saved()).to.deep.equal({ next: 7, lost: 1 });
  });

  it('counts and acknowledges nothing before the ledger has answered', async () => {
    const world = new PositionsWorld();
    const known = { committed: 50, metadata: metadataOf({ lost: 4 }), ...log };
    const asking = world.positions(known, true);
    const suspected = { ...atFirst, isSuspected: true };
    const find = () => world.find(asking, suspected).catch((error: unknown) => error);
    world.failing = 'ledger';
    expect(await find()).to.be.instanceOf(DependencyUnavailable);
    expect(world.asked).to.deep.equal(['offsets', 'offsets answered', 'ledger']);
    world.failing = 'reset';
    expect(await find()).to.be.instanceOf(DependencyUnavailable);
    expect([world.lost, world.logger.events()]).to.deep.equal([[], []]);
    world.failing = undefined;
    expect(await find()).to.include({ lost: 1, isCut: true });
    expect(world.lost.map(({ count }) => count)).to.deep.equal([1]);
  });
});
