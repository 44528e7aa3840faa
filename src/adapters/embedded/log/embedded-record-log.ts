import { SendFailed } from '../../../application/errors.js';
import type { Clock } from '../../../application/ports/clock.js';
import type { FeedTopic } from '../../../application/ports/record-feed.js';
import type { AppendResult, NewRecord, RecordLog } from '../../../application/ports/record-log.js';
import { wasNotBegun } from '../store/commit-errors.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import type { LogNews } from './log-news.js';

export const PARTITIONS = 12;

/** A topic of the embedded log. An append resolves when it is on disk. */
export class EmbeddedRecordLog implements RecordLog {
  constructor(
    private readonly store: EmbeddedStore,
    private readonly topic: FeedTopic['topic'],
    private readonly clock: Pick<Clock, 'now'>,
    private readonly news: LogNews,
  ) {}

  async append(records: readonly NewRecord[], signal: AbortSignal): Promise<readonly AppendResult[]> {
    if (signal.aborted) throw new SendFailed('not-sent', signal.reason);
    let partitions: ReadonlySet<number>;
    try {
      partitions = await this.store.write('log', () => this.write(records));
    } catch (error) {
      throw new SendFailed(wasNotBegun(error) ? 'not-sent' : 'unknown', error);
    }
    for (const partition of partitions) this.news.notify(this.topic, partition);
    return records.map(() => 'appended');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private write(records: readonly NewRecord[]): ReadonlySet<number> {
    const { log, ends } = this.store.tables;
    const timestamp = this.clock.now();
    const next = new Map<number, number>();
    for (const { key, value, headers } of records) {
      const partition = partitionOf(key);
      const offset = next.get(partition) ?? ends.get([this.topic, partition]) ?? 0;
      void log.put([this.topic, partition, offset], { key, value, headers, timestamp });
      next.set(partition, offset + 1);
    }
    for (const [partition, end] of next) void ends.put([this.topic, partition], end);
    return new Set(next.keys());
  }
}

/** FNV-1a of the key's bytes. Must never change: each key must stay in its partition across versions. */
function partitionOf(key: Buffer | null): number {
  let hash = 0x811c9dc5;
  for (const byte of key ?? []) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % PARTITIONS;
}
