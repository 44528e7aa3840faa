import { expect } from 'chai';
import { PositionKeeper } from '../../../../../../src/adapters/kafka/consuming/offsets/position-keeper.js';
import { InMemoryConsumerPositions } from '../../../../../support/memory/in-memory-consumer-positions.js';
import { DependencyUnavailable } from '../../../../../../src/application/errors.js';
import type { ConsumerPositions, PartitionPosition } from '../../../../../../src/application/ports/ledger.js';
import { FakeClock } from '../../../../../support/fake-clock.js';
import { RecordingLogger } from '../../../../../support/recording-logger.js';

const row = (partition: number, next: number, group = 'receiver'): PartitionPosition => {
  return { group, topic: 'mail', partition, position: { next, lost: 0 } };
};

describe('PositionKeeper', () => {
  let clock: FakeClock;
  let logger: RecordingLogger;
  let kept: InMemoryConsumerPositions;
  /** The saved positions, by request. */
  let saves: string[];
  let answer: (() => Promise<void>) | undefined;
  let keeper: PositionKeeper;

  beforeEach(() => {
    clock = new FakeClock();
    logger = new RecordingLogger();
    kept = new InMemoryConsumerPositions(() => false);
    saves = [];
    answer = undefined;
    const ledger: ConsumerPositions = {
      of: (...of) => kept.of(...of),
      reset: (rows) => kept.reset(rows),
      advance: async (rows) => {
        saves.push(
          rows.map((r) => `${r.group} ${String(r.partition)}@${String(r.position.next)}`).join(', '),
        );
        await answer?.();
        await kept.advance(rows);
      },
    };
    keeper = new PositionKeeper(ledger, clock, logger);
  });

  const saved = async (partition = 0) => (await kept.of('receiver', 'mail')).positions.get(partition)?.next;
  const fails = () => Promise.reject(new DependencyUnavailable('store', new Error('down')));
  const never = () => new Promise<void>(() => undefined);

  it('saves the newest position of every partition of every group every 10 s, in one request', async () => {
    keeper.committed([row(0, 5), row(1, 7)]);
    await clock.advance(9_000);
    keeper.committed([row(0, 6)]);
    keeper.committed([row(0, 3, 'failures')]);
    expect(saves).to.deep.equal([]);
    await clock.advance(1_000);
    expect(saves).to.deep.equal(['receiver 0@6, receiver 1@7, failures 0@3']);
    keeper.committed([row(1, 8)]);
    await clock.advance(9_999);
    expect(saves).to.have.length(1);
    await clock.advance(1);
    expect(saves.slice(1)).to.deep.equal(['receiver 1@8']);
  });

  it('does not call the ledger while nothing is committed', async () => {
    keeper.committed([row(0, 5)]);
    await clock.advance(10_000);
    await clock.advance(60_000);
    expect([saves.length, clock.pendingTimers]).to.deep.equal([1, 0]);
  });

  it('saves at once on request', async () => {
    keeper.committed([row(0, 5)]);
    await keeper.save();
    expect(await saved()).to.equal(5);
    await clock.advance(10_000);
    expect(saves).to.have.length(1);
  });

  it('logs at debug level that a save failed during an outage', async () => {
    answer = fails;
    keeper.committed([row(0, 5)]);
    await keeper.save();
    expect(logger.lines.map(({ level, event }) => [level, event])).to.deep.equal([
      ['debug', 'log.positions-not-saved'],
    ]);
  });

  it('logs another failed save once, and saves the newest position the next time', async () => {
    const rejects = () => Promise.reject(new TypeError('bug'));
    answer = rejects;
    keeper.committed([row(0, 5), row(1, 1)]);
    await keeper.save();
    keeper.committed([row(0, 6)]);
    await clock.advance(20_000);
    expect(logger.lines.map(({ level, event }) => [level, event])).to.deep.equal([
      ['warn', 'log.positions-not-saved'],
    ]);
    answer = undefined;
    await clock.advance(10_000);
    expect([await saved(0), await saved(1)]).to.deep.equal([6, 1]);
    answer = rejects;
    keeper.committed([row(0, 7)]);
    await clock.advance(10_000);
    expect(logger.events()).to.have.length(2);
  });

  it('saves positions committed during a save with the next one', async () => {
    let go: () => void = () => undefined;
    answer = () => new Promise((resolve) => (go = resolve));
    keeper.committed([row(0, 5)]);
    const first = keeper.save();
    await clock.advance(0);
    keeper.committed([row(0, 6)]);
    go();
    await first;
    answer = undefined;
    await clock.advance(10_000);
    expect(saves).to.deep.equal(['receiver 0@5', 'receiver 0@6']);
  });

  it('saves pending positions before it reads, so that it never reads positions older than its own', async () => {
    keeper.committed([row(0, 5)]);
    expect((await keeper.of('receiver', 'mail')).positions.get(0)?.next).to.equal(5);
  });

  it('drops pending positions of a partition that is reset, also during a save', async () => {
    let go: () => void = () => undefined;
    answer = () => new Promise((resolve) => (go = resolve));
    keeper.committed([row(0, 50), row(1, 3)]);
    void keeper.save();
    await clock.advance(0);
    keeper.committed([row(0, 51)]);
    const reset = keeper.reset([row(0, 2)]);
    await clock.advance(0);
    answer = undefined;
    go();
    await reset;
    await clock.advance(30_000);
    expect([await saved(0), await saved(1)]).to.deep.equal([2, 3]);
  });

  it('treats a ledger that does not answer within 10 s as unavailable', async () => {
    answer = never;
    keeper.committed([row(0, 5)]);
    const asking = keeper.of('receiver', 'mail').catch((error: unknown) => error);
    await clock.advance(10_000);
    expect(await asking)
      .to.be.instanceOf(DependencyUnavailable)
      .and.to.include({ dependency: 'store' });
  });

  it('leaves no timer behind when it is stopped, even if a save fails later', async () => {
    let fail: (error: Error) => void = () => undefined;
    answer = () => new Promise((_, reject) => (fail = reject));
    keeper.committed([row(0, 5)]);
    void keeper.save();
    await clock.advance(0);
    keeper.stop();
    fail(new Error('down'));
    await clock.advance(0);
    expect(clock.pendingTimers).to.equal(0);
    answer = undefined;
    keeper.committed([row(0, 6)]);
    await clock.advance(10_000);
    expect(await saved()).to.equal(6);
  });
});
