import type { Logger } from '../../../application/ports/telemetry.js';
import type { FeedTopic, PartitionReader, RecordSubscriber } from '../../../application/ports/record-feed.js';
import type { LogRecord } from '../../../application/ports/record-log.js';
import { asBuffer } from '../store/documents.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { logFailure } from '../../../application/log-failure.js';

const BATCH = 500;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Reads one partition in order from its group's offset. Appends wake it; it waits for its reader after each batch. */
export class PartitionReading {
  private readonly reader: PartitionReader;
  private position: number;
  private receiving = false;
  private fetching = true;
  private isRevoked = false;
  private closing: Promise<void> | undefined;
  private toCommit: number | undefined;
  private committing: Promise<void> | undefined;

  constructor(
    private readonly store: EmbeddedStore,
    private readonly logger: Logger,
    private readonly topic: FeedTopic,
    private readonly topicName: string,
    private readonly partition: number,
    subscriber: RecordSubscriber,
  ) {
    this.position = store.tables.offsets.get(this.offsetKey) ?? 0;
    this.reader = subscriber.assigned({ topic: topicName, partition, commit: (next) => this.commit(next) });
  }

  /** Hands records to the reader until it has all of them. */
  pump(): void {
    if (this.receiving || !this.fetching) return;
    const records = this.tryToFetch();
    const last = records.at(-1);
    if (last === undefined) return;
    this.receiving = true;
    this.position = last.offset + 1;
    void this.reader.receive(records).then(() => {
      this.receiving = false;
      this.pump();
    });
  }

  close(): Promise<void> {
    this.closing ??= this.drain();
    return this.closing;
  }

  private get offsetKey(): (string | number)[] {
    return [this.topic.topic, this.topic.group, this.partition];
  }

  /** A failed read must not fail the append that caused it. The next append retries it. */
  private tryToFetch(): LogRecord[] {
    try {
      return this.fetch();
    } catch (error) {
      this.logger.error('log.read-failed', { partition: this.partition, error });
      return [];
    }
  }

  private fetch(): LogRecord[] {
    const { topic } = this.topic;
    const { partition } = this;
    const start = [topic, partition, this.position];
    const end = [topic, partition + 1];
    const records: LogRecord[] = [];
    let bytes = 0;
    for (const { key, value } of this.store.tables.log.getRange({ start, end, limit: BATCH })) {
      records.push({
        ...{ topic: this.topicName, partition, offset: (key as number[])[2] as number },
        ...{ headers: value.headers, timestamp: value.timestamp },
        ...{ key: asBuffer(value.key), value: asBuffer(value.value) },
      });
      bytes += value.value?.length ?? 0;
      if (bytes >= BATCH_BYTES) break;
    }
    return records;
  }

  private commit(next: number): void {
    if (this.isRevoked) return;
    this.toCommit = next;
    this.committing ??= this.commitLatest();
  }

  /** Writes one offset at a time. Of the offsets that arrive in the meantime, only the latest is written. */
  private async commitLatest(): Promise<void> {
    for (let next = this.toCommit; next !== undefined; next = this.toCommit) {
      this.toCommit = undefined;
      await this.write(next);
    }
    this.committing = undefined;
  }

  private async write(next: number): Promise<void> {
    try {
      await this.store.write('log', () => this.store.tables.offsets.put(this.offsetKey, next));
    } catch (error) {
      logFailure(this.logger, 'log.commit-failed', error, { partition: this.partition });
    }
  }

  private async drain(): Promise<void> {
    this.fetching = false;
    await this.reader.drain();
    await this.committing;
    this.isRevoked = true;
    this.reader.revoked();
  }
}
