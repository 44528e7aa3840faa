import { expect } from 'chai';
import type { Admin } from 'kafkajs';
import { metadataOf } from '../../../src/adapters/kafka/group-offset.js';
import { Positions, type LostRecords } from '../../../src/adapters/kafka/positions.js';
import { RecordingLogger } from '../../support/recording-logger.js';

interface Known {
  readonly committed: number;
  readonly metadata?: string | null;
  readonly low: number;
  readonly high: number;
}

describe('Positions', () => {
  let lost: LostRecords[];
  let logger: RecordingLogger;

  beforeEach(() => {
    lost = [];
    logger = new RecordingLogger();
  });

  /** A broker that knows partition 0, where −1 means that the group has never committed. */
  const positions = (
    { committed, metadata = null, low, high }: Known,
    acknowledgeLost = false,
  ): Positions => {
    const partitions = [{ partition: 0, offset: String(committed), metadata }];
    const admin = {
      fetchOffsets: () => Promise.resolve([{ topic: 'mail', partitions }]),
      fetchTopicOffsets: () => Promise.resolve([{ partition: 0, low: String(low), high: String(high) }]),
    } as unknown as Admin;
    return new Positions('receiver', 'mail', {
      ask: (work) => work(admin),
      onLostRecords: (records) => lost.push(records),
      ...{ logger, acknowledgeLost },
    });
  };

  const find = async (from: Positions, reached?: number) => (await from.find(new Map([[0, reached]]))).get(0);

  it('begins a new group at the earliest record', async () => {
    const at = await find(positions({ committed: -1, low: 7, high: 20 }));
    expect(at).to.deep.equal({ offset: 7, lost: 0, isNew: false });
    expect(lost).to.deep.equal([]);
  });

  it('goes on where the group has committed, also at the very end', async () => {
    expect((await find(positions({ committed: 12, low: 7, high: 20 })))?.offset).to.equal(12);
    expect((await find(positions({ committed: 20, low: 7, high: 20 })))?.offset).to.equal(20);
    expect(lost).to.deep.equal([]);
  });

  it('goes on at the earliest record where the log dropped what was to come next, and says how much', async () => {
    const at = await find(positions({ committed: 3, low: 7, high: 20 }));
    expect(at).to.deep.equal({ offset: 7, lost: 4, isNew: true });
    expect(lost).to.deep.equal([{ group: 'receiver', topic: 'mail', partition: 0, count: 4 }]);
    const [line] = logger.lines;
    expect(line).to.deep.include({ level: 'error', event: 'log.records-lost' });
    expect(line?.fields).to.include({ from: 3, to: 7, count: 4 });
  });

  it('takes a log that ends before the committed offset for one that was cut or made anew', async () => {
    expect(await find(positions({ committed: 50, low: 0, high: 20 }))).to.include({ offset: 0, lost: 1 });
    expect(lost).to.have.length(1);
  });

  it('asks for what a partition has come to rather than for what is committed', async () => {
    expect((await find(positions({ committed: 8, low: 7, high: 20 }), 15))?.offset).to.equal(15);
  });

  it('remembers an earlier loss until it is acknowledged', async () => {
    const known = { committed: 8, metadata: metadataOf(4), low: 7, high: 20 };
    expect(await find(positions(known))).to.deep.equal({ offset: 8, lost: 4, isNew: false });
    expect(await find(positions(known, true))).to.deep.equal({ offset: 8, lost: 0, isNew: true });
    expect(lost).to.deep.equal([]);
  });

  it('adds what is lost later, and does not take it for acknowledged', async () => {
    const known = { committed: 5, metadata: metadataOf(4), low: 7, high: 20 };
    expect(await find(positions(known))).to.include({ lost: 6, isNew: true });
    const acknowledging = positions(known, true);
    expect(await find(acknowledging)).to.include({ lost: 2, isNew: true });
    expect(await find(acknowledging, 9)).to.include({ lost: 4 });
  });

  it('reads no loss out of what other programs leave in their commits', async () => {
    for (const metadata of ['', 'lost', 'lost=x', 'NO_METADATA'])
      expect((await find(positions({ committed: 8, metadata, low: 7, high: 20 })))?.lost).to.equal(0);
  });

  it('rejects where the broker does not tell of the partition yet', async () => {
    const error: unknown = await positions({ committed: 1, low: 0, high: 1 })
      .find(new Map([[5, undefined]]))
      .catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
  });
});
