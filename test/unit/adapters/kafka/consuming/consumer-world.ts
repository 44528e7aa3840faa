import {
  GroupConsumer,
  type ConsumerEnd,
} from '../../../../../src/adapters/kafka/consuming/group-consumer.js';
import { PositionKeeper } from '../../../../../src/adapters/kafka/consuming/offsets/position-keeper.js';
import type {
  Position,
  AssignmentProgress,
} from '../../../../../src/adapters/kafka/consuming/offsets/start-offsets.js';
import { InMemoryConsumerPositions } from '../../../../support/memory/in-memory-consumer-positions.js';
import type { RecordDigest } from '../../../../../src/domain/delivery/consumer-position.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';
import {
  RecordingSubscriber,
  type RecordedAssignment,
  type RecordingOptions,
} from '../../../../support/delivery/recording-subscriber.js';
import { FakeConsumer } from './fake-consumer.js';

/** Where a partition continues; by default nothing special happens. */
export function at(offset: number, more: Partial<Position> = {}): Position {
  return { offset, lost: 0, reread: false, isCut: false, isNew: false, ...more };
}

/** One consumer on a fake kafkajs, in a group in which partition n continues at offset 10 n. */
export class ConsumerWorld {
  readonly clock = new FakeClock();
  readonly kafka = new FakeConsumer();
  readonly logger = new RecordingLogger();
  readonly ledger = new InMemoryConsumerPositions(() => false);
  readonly reader: RecordingSubscriber;
  readonly consumer: GroupConsumer;
  readonly ends: ConsumerEnd[] = [];
  /** Every call to `StartOffsets`, in order. */
  readonly asked: [number, number | undefined][][] = [];
  readonly requests: AssignmentProgress[] = [];
  positions: Map<number, Position | 'seems-cut'> | Error = new Map([0, 1, 2].map((n) => [n, at(10 * n)]));
  /** Records that a consumer should have read again before it ended. */
  readonly failedRereads: [number, RecordDigest][] = [];
  /** Partitions with a loss that has not been acknowledged. */
  readonly losses = new Set<number>();

  private constructor(options: RecordingOptions) {
    this.reader = new RecordingSubscriber(options);
    const { clock, logger, reader: subscriber } = this;
    const find = (wanted: ReadonlyMap<number, AssignmentProgress>) => {
      this.asked.push([...wanted].map(([partition, { reached }]) => [partition, reached?.next]));
      this.requests.push(...wanted.values());
      return this.positions instanceof Error
        ? Promise.reject(this.positions)
        : Promise.resolve(this.positions);
    };
    const rereadFailed = (partition: number, last: RecordDigest) =>
      this.failedRereads.push([partition, last]);
    const onLoss = (partition: number, isOpen: boolean) => {
      if (isOpen) this.losses.add(partition);
      else this.losses.delete(partition);
    };
    this.consumer = new GroupConsumer(this.kafka.asConsumer, {
      ...{
        group: 'receiver',
        topic: 'mail',
        subscriber,
        positions: { find, rereadFailed },
        keeper: new PositionKeeper(this.ledger, clock, logger),
        clock,
        logger,
        onLoss,
      },
    });
    void this.consumer.ended.then((end) => this.ends.push(end));
  }

  /** Starts the consumer as a member with these partitions; without partitions, before it has joined a group. */
  static async begin(options: RecordingOptions = {}, ...partitions: number[]): Promise<ConsumerWorld> {
    const world = new ConsumerWorld(options);
    void world.consumer.start();
    await world.clock.advance(0);
    if (partitions.length > 0) world.kafka.join(...partitions);
    await world.clock.advance(0);
    return world;
  }

  /** The latest assignment of a partition. */
  assignment(partition: number): RecordedAssignment {
    const all = this.reader.assignments.filter((assignment) => assignment.partition.partition === partition);
    const last = all.at(-1);
    if (last === undefined) throw new Error('never assigned');
    return last;
  }

  get offsets(): number[] {
    return this.reader.records.map(({ offset }) => offset);
  }

  get paused(): number[] {
    return [...this.kafka.paused];
  }

  /** Returns the next offset of each partition in the ledger. */
  async kept(): Promise<Record<number, number>> {
    const { positions } = await this.ledger.of('receiver', 'mail');
    return Object.fromEntries([...positions].map(([partition, { next }]) => [partition, next]));
  }

  async watchFor(
    ms: number,
    ends: ReadonlyMap<number, { readonly low: number; readonly high: number }> | undefined,
  ): Promise<void> {
    for (let passed = 0; passed < ms; passed += 5_000) {
      await this.clock.advance(5_000);
      this.consumer.watch(ends);
    }
    await this.clock.advance(0);
  }
}
