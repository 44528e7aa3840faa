import { expect } from 'chai';
import { GroupMembership } from '../../../../../src/adapters/kafka/consuming/group-membership.js';
import { PositionKeeper } from '../../../../../src/adapters/kafka/consuming/offsets/position-keeper.js';
import type { Position } from '../../../../../src/adapters/kafka/consuming/offsets/start-offsets.js';
import { InMemoryConsumerPositions } from '../../../../support/memory/in-memory-consumer-positions.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';
import { RecordingSubscriber } from '../../../../support/delivery/recording-subscriber.js';
import { at } from './consumer-world.js';
import { FakeConsumer } from './fake-consumer.js';

describe('GroupMembership', () => {
  let clock: FakeClock;
  let opened: FakeConsumer[];
  let disposed: number;
  let answers: boolean;
  let fatal: Error[];
  let connectError: Error | undefined;
  let logger: RecordingLogger;
  let membership: GroupMembership;
  let position: Position;
  let ledger: InMemoryConsumerPositions;
  let keeper: PositionKeeper;
  /** The offsets of records that a consumer should have read again before it ended. */
  let failedRereads: number[];
  const kept = Object.assign(new Error('no rights'), { retriable: false });
  const passing = Object.assign(new Error('closed'), { retriable: true });

  beforeEach(async () => {
    clock = new FakeClock();
    logger = new RecordingLogger();
    failedRereads = [];
    opened = [];
    disposed = 0;
    answers = true;
    fatal = [];
    connectError = undefined;
    position = at(0);
    ledger = new InMemoryConsumerPositions(() => false);
    const open = () => {
      const kafka = new FakeConsumer();
      kafka.connectError = connectError;
      opened.push(kafka);
      const dispose = async () => {
        await Promise.resolve();
        disposed += 1;
      };
      return { kafka: kafka.asConsumer, dispose };
    };
    keeper = new PositionKeeper(ledger, clock, logger);
    membership = new GroupMembership({
      ...{ group: 'receiver', topic: 'mail', subscriber: new RecordingSubscriber(), clock, logger, open },
      positions: {
        find: () => Promise.resolve(new Map([[0, position]])),
        rereadFailed: (_partition, { offset }) => failedRereads.push(offset),
      },
      keeper,
      onLoss: () => undefined,
      watermarks: () => (answers ? new Map() : undefined),
      onFatal: (error) => fatal.push(error),
    });
    await clock.advance(0);
  });

  const last = () => opened.at(-1)!;
  const crash = async (error: Error, thenMs: number) => {
    last().emit('CRASH', { error });
    await clock.advance(thenMs);
  };

  it('replaces a consumer that crashed, and closes it', async () => {
    last().join(0);
    await crash(passing, 499);
    expect(opened).to.have.length(1);
    expect(disposed).to.equal(1);
    await clock.advance(1);
    expect(opened).to.have.length(2);
    expect(logger.events()).to.deep.equal(['log.consumer-replaced']);
  });

  it('logs at debug level that a consumer was replaced because the log does not answer', async () => {
    answers = false;
    last().join(0);
    await crash(passing, 1_000);
    await crash(kept, 1_000);
    expect(logger.lines.map(({ level, event }) => [level, event])).to.deep.equal([
      ['debug', 'log.consumer-replaced'],
      ['warn', 'log.consumer-replaced'],
    ]);
  });

  it('replaces a consumer that cannot even connect', async () => {
    connectError = passing;
    await crash(passing, 2_000);
    expect(opened).to.have.length(5);
  });

  it('fails after three consecutive consumers ended permanently without having received anything', async () => {
    await crash(kept, 30_000);
    await crash(kept, 30_000);
    expect(fatal).to.deep.equal([]);
    await crash(kept, 0);
    expect(fatal.map(String)[0]).to.match(/3 consumers of the group receiver in a row made no progress/);
  });

  it('waits longer after each consumer that received nothing', async () => {
    await crash(kept, 2_500);
    expect(opened).to.have.length(2);
    await crash(kept, 12_400);
    expect(opened).to.have.length(2);
    await clock.advance(100);
    expect(opened).to.have.length(3);
  });

  it('resets the count after a consumer that has received records', async () => {
    await crash(kept, 30_000);
    await crash(kept, 30_000);
    last().join(0);
    await clock.advance(0);
    await last().deliver({ partition: 0, offsets: [0] });
    await crash(kept, 30_000);
    await crash(kept, 30_000);
    expect(fatal).to.deep.equal([]);
    await crash(kept, 0);
    expect(fatal).to.have.length(1);
  });

  it('does not count temporary failures, nor any while the log does not answer', async () => {
    for (let n = 0; n < 5; n += 1) await crash(passing, 30_000);
    answers = false;
    for (let n = 0; n < 5; n += 1) await crash(kept, 1_000);
    expect(opened).to.have.length(11);
    expect(fatal).to.deep.equal([]);
  });

  it('replaces a consumer that makes no progress, and fails after three in a row', async () => {
    await clock.advance(65_000);
    expect(opened).to.have.length(2);
    await clock.advance(180_000);
    expect(fatal).to.have.length.greaterThan(0);
  });

  it('counts a reread that a consumer did not complete, except while the log does not answer', async () => {
    position = at(8, { last: { offset: 7, hash: 'abc' }, reread: true });
    last().join(0);
    await clock.advance(0);
    answers = false;
    await crash(passing, 2_000);
    expect(failedRereads).to.deep.equal([]);
    answers = true;
    last().join(0);
    await clock.advance(0);
    await crash(passing, 0);
    expect(failedRereads).to.deep.equal([7]);
  });

  it('leaves the group when it is closed, and does not rejoin', async () => {
    last().join(0);
    await clock.advance(0);
    await membership.close();
    await membership.close();
    await clock.advance(600_000);
    expect(disposed).to.equal(1);
    expect(opened).to.have.length(1);
    expect(clock.pendingTimers).to.equal(0);
  });

  describe('when it is closed with offsets to save', () => {
    let disposedBefore: number | undefined;
    const closes = async (answer: () => Promise<void>, ms: number) => {
      ledger.advance = () => {
        disposedBefore = disposed;
        return answer();
      };
      last().join(0);
      await clock.advance(0);
      keeper.committed([{ group: 'receiver', topic: 'mail', partition: 0, position: { next: 5, lost: 0 } }]);
      void membership.close();
      await clock.advance(ms);
    };

    it('saves them before it leaves the group', async () => {
      await closes(() => Promise.resolve(), 0);
      expect([disposedBefore, disposed]).to.deep.equal([0, 1]);
    });

    it('leaves without saving if the store does not answer within 2 s', async () => {
      await closes(() => new Promise(() => undefined), 1_999);
      expect([disposedBefore, disposed]).to.deep.equal([0, 0]);
      await clock.advance(1);
      expect(disposed).to.equal(1);
    });
  });

  it('can be closed while it waits to try again', async () => {
    await crash(passing, 100);
    await membership.close();
    expect(clock.pendingTimers).to.equal(0);
    await clock.advance(60_000);
    expect(opened).to.have.length(1);
  });
});
