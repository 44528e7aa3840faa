import type { FeedConnection, FeedTopic, RecordFeed } from '../../../src/application/ports/record-feed.js';
import type { NewRecord, RecordLog } from '../../../src/application/ports/record-log.js';
import { RecordingSubscriber, type RecordingOptions } from '../../support/delivery/recording-subscriber.js';

/** Creates an empty log with both topics, each of several partitions. */
export interface LogUnderTest {
  readonly messages: RecordLog;
  readonly deadLetters: RecordLog;
  readonly feed: RecordFeed;
  /** A value of this many bytes is rejected as too large; absent if there is no limit. */
  readonly tooLargeBytes?: number;
  close(): Promise<void>;
  /** The same log after its server or process was restarted; absent if the log is not durable. */
  reopen?(): Promise<LogUnderTest>;
}

export type MakeLog = () => Promise<LogUnderTest>;

export function aRecord(key: string | null, text: string, headers: Record<string, string> = {}): NewRecord {
  return { key: key === null ? null : Buffer.from(key), value: Buffer.from(text), headers };
}

export async function append(log: RecordLog, ...records: NewRecord[]): Promise<void> {
  await log.append(records, new AbortController().signal);
}

/** The subscriptions of one test, closed when it ends. */
export class Readers {
  private readonly open: FeedConnection[] = [];

  async join(
    feed: RecordFeed,
    topic: Partial<FeedTopic> = {},
    options: RecordingOptions = {},
  ): Promise<{ reader: RecordingSubscriber; connection: FeedConnection }> {
    const reader = new RecordingSubscriber(options);
    const connection = await feed.subscribe({ topic: 'messages', group: 'readers', ...topic }, reader);
    this.open.push(connection);
    return { reader, connection };
  }

  async close(): Promise<void> {
    await Promise.all(this.open.splice(0).map((connection) => connection.close()));
  }
}
