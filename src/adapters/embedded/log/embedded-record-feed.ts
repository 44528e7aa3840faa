import type {
  FeedConnection,
  FeedTopic,
  RecordFeed,
  RecordSubscriber,
} from '../../../application/ports/record-feed.js';
import type { Logger } from '../../../application/ports/telemetry.js';
import type { EmbeddedGroups, TopicNames } from './embedded-groups.js';
import { PARTITIONS } from './embedded-record-log.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import type { LogNews } from './log-news.js';
import { PartitionReading } from './partition-reading.js';

interface GroupLag {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
}

/** Reads the embedded log. Each group has one member, which reads all partitions. */
export class EmbeddedRecordFeed implements RecordFeed {
  constructor(
    private readonly store: EmbeddedStore,
    private readonly groups: EmbeddedGroups,
    private readonly news: LogNews,
    private readonly logger: Logger,
    private readonly names: TopicNames,
  ) {}

  async subscribe(topic: FeedTopic, subscriber: RecordSubscriber): Promise<FeedConnection> {
    await this.groups.join(topic);
    const readings = Array.from(
      { length: PARTITIONS },
      (_, partition) =>
        new PartitionReading(this.store, this.logger, topic, this.names[topic.topic], partition, subscriber),
    );
    const stopListening = this.news.listen((name, partition) => {
      if (name === topic.topic) readings[partition]?.pump();
    });
    for (const reading of readings) reading.pump();
    return {
      close: async () => {
        stopListening();
        await Promise.all(readings.map((reading) => reading.close()));
      },
    };
  }

  /** The number of records that each group has not committed, by partition. */
  lag(): readonly GroupLag[] {
    const { offsets, ends } = this.store.tables;
    return [...offsets.getRange()].map(({ key, value }) => {
      const [topic, group, partition] = key as [FeedTopic['topic'], string, number];
      return {
        group,
        topic: this.names[topic],
        partition,
        records: (ends.get([topic, partition]) ?? 0) - value,
      };
    });
  }
}
