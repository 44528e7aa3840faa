import type {
  FeedConnection,
  PartitionReader,
  RecordSubscriber,
} from '../../../src/application/ports/record-feed.js';
import type { InMemoryTopic } from './in-memory-topic.js';

const BATCH = 100;

interface Member {
  readonly subscriber: RecordSubscriber;
  readonly readers: Map<number, Reading>;
}

/** One consumer group: which member reads which partition, and the committed offsets. */
export class InMemoryGroup {
  private readonly offsets: number[];
  private members: readonly Member[] = [];

  constructor(private readonly topic: InMemoryTopic) {
    this.offsets = topic.partitions.map(() => 0);
    topic.onAppend(() => {
      for (const { readers } of this.members) for (const reading of readers.values()) reading.pump();
    });
  }

  committed(partition: number): number {
    return this.offsets[partition] ?? 0;
  }

  /** Joining and leaving revoke every partition from all members, and assign them again. */
  join(subscriber: RecordSubscriber): FeedConnection {
    const member: Member = { subscriber, readers: new Map() };
    this.rebalance([...this.members, member]);
    return { close: () => this.leave(member) };
  }

  private async leave(member: Member): Promise<void> {
    if (!this.members.includes(member)) return;
    for (const reading of member.readers.values()) reading.stopFetching();
    await Promise.all([...member.readers.values()].map((reading) => reading.reader.drain()));
    this.rebalance(this.members.filter((other) => other !== member));
  }

  private rebalance(members: readonly Member[]): void {
    for (const { readers } of [...this.members]) {
      for (const reading of readers.values()) reading.revoke();
      readers.clear();
    }
    this.members = members;
    this.topic.partitions.forEach((_, partition) => {
      const member = members[partition % members.length];
      if (member === undefined) return;
      const reading = new Reading(this.topic, partition, this.offsets, member.subscriber);
      member.readers.set(partition, reading);
      reading.pump();
    });
  }
}

/** One assignment of one partition. */
class Reading {
  readonly reader: PartitionReader;
  private position: number;
  private receiving = false;
  private fetching = true;
  private revoked = false;

  constructor(
    private readonly topic: InMemoryTopic,
    private readonly partition: number,
    offsets: number[],
    subscriber: RecordSubscriber,
  ) {
    this.position = offsets[partition] ?? 0;
    this.reader = subscriber.assigned({
      topic: topic.name,
      partition,
      commit: (next) => {
        if (!this.revoked) offsets[partition] = next;
      },
    });
  }

  pump(): void {
    if (this.receiving || !this.fetching) return;
    const records = this.topic.partitions[this.partition]?.slice(this.position, this.position + BATCH) ?? [];
    if (records.length === 0) return;
    this.receiving = true;
    this.position += records.length;
    void this.reader.receive(records).then(() => {
      this.receiving = false;
      this.pump();
    });
  }

  stopFetching(): void {
    this.fetching = false;
  }

  revoke(): void {
    this.fetching = false;
    this.revoked = true;
    this.reader.revoked();
  }
}
