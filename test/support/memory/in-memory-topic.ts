import { SendFailed } from '../../../src/application/errors.js';
import type { Clock } from '../../../src/application/ports/clock.js';
import type { FeedTopic } from '../../../src/application/ports/record-feed.js';
import type {
  AppendResult,
  LogRecord,
  NewRecord,
  RecordLog,
} from '../../../src/application/ports/record-log.js';

type Topic = FeedTopic['topic'];

/** One topic: appended to as the port says, and read by groups. */
export class InMemoryTopic implements RecordLog {
  readonly partitions: LogRecord[][];
  /** Rejects every append while it is set. */
  fault: Error | undefined;
  /** Records with a larger value are rejected. */
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

  /** Appends a record of another program, to any partition with any timestamp. */
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
