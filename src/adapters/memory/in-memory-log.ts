import { SendFailed } from '../../application/errors.js';
import type { Clock } from '../../application/ports/clock.js';
import type {
  FeedConnection,
  FeedTopic,
  RecordFeed,
  RecordSubscriber,
} from '../../application/ports/record-feed.js';
import type { AppendResult, LogRecord, NewRecord, RecordLog } from '../../application/ports/record-log.js';
import { InMemoryGroup } from './in-memory-group.js';

type Topic = FeedTopic['topic'];

/** Both topics of the log in arrays, and the groups that read them: for unit tests. */
export class InMemoryLog implements RecordFeed {
  readonly messages: InMemoryTopic;
  readonly deadLetters: InMemoryTopic;
  private readonly groups = new Map<string, InMemoryGroup>();

  constructor(clock: Pick<Clock, 'now'>, partitions = 3) {
    this.messages = new InMemoryTopic('messages', clock, partitions);
    this.deadLetters = new InMemoryTopic('dead-letters', clock, partitions);
  }

  subscribe({ topic, group }: FeedTopic, subscriber: RecordSubscriber): Promise<FeedConnection> {
    const name = `${topic} ${group}`;
    const members = this.groups.get(name) ?? new InMemoryGroup(this.topic(topic));
    this.groups.set(name, members);
    return Promise.resolve(members.join(subscriber));
  }

  /** The offset that a group reads on from after a restart; 0 where it has committed nothing. */
  committed({ topic, group }: FeedTopic, partition: number): number {
    return this.groups.get(`${topic} ${group}`)?.committed(partition) ?? 0;
  }

  private topic(topic: Topic): InMemoryTopic {
    return topic === 'messages' ? this.messages : this.deadLetters;
  }
}

/** One topic: appended to as the port says, and read by groups. */
export class InMemoryTopic implements RecordLog {
  readonly partitions: LogRecord[][];
  /** Rejects every append while it is set. */
  fault: unknown;
  /** Records with a larger value are refused. */
  maxValueBytes = Infinity;
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly name: Topic,
    private readonly clock: Pick<Clock, 'now'>,
    partitions: number,
  ) {
    this.partitions = Array.from({ length: partitions }, () => []);
  }

  async append(records: readonly NewRecord[], signal: AbortSignal): Promise<readonly AppendResult[]> {
    await Promise.resolve();
    if (signal.aborted) throw new SendFailed('not-sent', signal.reason);
    if (this.fault !== undefined) throw this.fault;
    const results = records.map((record): AppendResult => {
      if ((record.value?.length ?? 0) > this.maxValueBytes) return 'too-large';
      this.write(record, this.partitionOf(record.key), this.clock.now());
      return 'appended';
    });
    for (const listener of this.listeners) listener();
    return results;
  }

  /** What another program appended, wherever and whenever it did. */
  appendRaw(record: NewRecord, partition: number, timestamp = this.clock.now()): LogRecord {
    const written = this.write(record, partition, timestamp);
    for (const listener of this.listeners) listener();
    return written;
  }

  onAppend(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  partitionOf(key: Buffer | null): number {
    const hash = (key ?? Buffer.alloc(0)).reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7);
    return hash % this.partitions.length;
  }

  private write(record: NewRecord, partition: number, timestamp: number): LogRecord {
    const log = this.partitions[partition] as LogRecord[];
    const written = { ...record, topic: this.name, partition, offset: log.length, timestamp };
    log.push(written);
    return written;
  }
}
