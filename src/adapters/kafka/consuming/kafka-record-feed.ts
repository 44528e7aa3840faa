import type { ConsumerPositions } from '../../../application/ports/ledger.js';
import type {
  FeedConnection,
  FeedTopic,
  RecordFeed,
  RecordSubscriber,
} from '../../../application/ports/record-feed.js';
import { GroupMembership } from './group-membership.js';
import type { KafkaConnection } from '../kafka-connection.js';
import { openConsumer } from './open-consumer.js';
import { PositionKeeper } from './offsets/position-keeper.js';
import { StartOffsets, type LostRecords } from './offsets/start-offsets.js';

export interface KafkaFeedOptions {
  /** Whether the losses that earlier runs found are acknowledged. */
  readonly acknowledgeLost: boolean;
  readonly onLostRecords: (lost: LostRecords) => void;
  /** Called for an error that no retry can fix. The process must exit. */
  readonly onFatal: (error: Error) => void;
}

export interface PartitionLag {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
}

export class KafkaRecordFeed implements RecordFeed {
  private readonly memberships = new Map<
    GroupMembership,
    { readonly group: string; readonly topic: string }
  >();

  private readonly keeper: PositionKeeper;

  constructor(
    private readonly connection: KafkaConnection,
    ledger: ConsumerPositions,
    private readonly options: KafkaFeedOptions,
  ) {
    this.keeper = new PositionKeeper(ledger, connection.clock, connection.logger);
  }

  subscribe({ topic: name, group }: FeedTopic, subscriber: RecordSubscriber): Promise<FeedConnection> {
    const { connection, keeper, options } = this;
    const { settings, health, clock, logger } = connection;
    const topic = connection.topicName(name);
    const { acknowledgeLost, onLostRecords, onFatal } = options;
    const ask: KafkaConnection['ask'] = (work) => connection.ask(work);
    const membership = new GroupMembership({
      ...{ group, topic, subscriber, keeper, clock, logger, onFatal },
      positions: new StartOffsets(group, topic, {
        ask,
        ledger: keeper,
        logger,
        acknowledgeLost,
        onLostRecords,
      }),
      onLoss: (partition, isOpen) => {
        health.setLoss(`${group} ${topic} ${String(partition)}`, isOpen);
      },
      open: () => openConsumer(settings, group, logger),
      watermarks: () => (health.brokersAnswer ? connection.lastWatermarks(topic) : undefined),
    });
    this.memberships.set(membership, { group, topic });
    return Promise.resolve({
      close: async () => {
        await membership.close();
        this.memberships.delete(membership);
        if (this.memberships.size === 0) keeper.stop();
      },
    });
  }

  /** Returns each group's lag in the partitions that are assigned to this process. */
  lag(): readonly PartitionLag[] {
    return [...this.memberships].flatMap(([membership, { group, topic }]) => {
      const ends = this.connection.lastWatermarks(topic);
      const begun = membership.partitions.filter(({ next }) => next !== undefined);
      return begun.map((assignment) => {
        const { partition } = assignment;
        return { group, topic, partition, records: assignment.lag(ends?.get(partition)?.high ?? 0) };
      });
    });
  }
}
