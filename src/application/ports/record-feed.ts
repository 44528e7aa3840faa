import type { LogRecord } from './record-log.js';

/** A topic and the consumer group that reads it. A new group begins at the earliest record. */
export interface FeedTopic {
  readonly topic: 'messages' | 'dead-letters';
  readonly group: string;
}

/** A partition that is assigned to this process until it is revoked. */
export interface AssignedPartition {
  readonly topic: string;
  readonly partition: number;
  /**
   * Sets the group's offset, where reading begins after a restart or in another process. Call it as often as the
   * offset changes: the feed commits it within about a second, together with others, and retries a commit that
   * fails. Never throws. Does nothing after revocation.
   *
   * `last` is the record received before `nextOffset`, by which a feed can later detect a truncated log; absent if
   * it is the record committed last.
   */
  commit(nextOffset: number, last?: LogRecord): void;
}

/** Reads one assigned partition. All its state belongs to that assignment. */
export interface PartitionReader {
  /**
   * Receives records in ascending offset order, none twice within an assignment. Resolves when the reader is ready
   * for more. The feed delays the next call for this partition until then, however long, without delaying other
   * partitions or losing the assignment. Never rejects.
   */
  receive(records: readonly LogRecord[]): Promise<void>;
  /** The assignment has ended. The reader cancels its timers, drops late results and commits nothing more. */
  revoked(): void;
  /**
   * Stops reading, waits for writes in flight and commits what is finished. Called before `revoked` at a shutdown;
   * the feed flushes its commits in between.
   */
  drain(): Promise<void>;
}

export interface RecordSubscriber {
  assigned(partition: AssignedPartition): PartitionReader;
}

/** A membership in a consumer group. */
export interface FeedConnection {
  /** Stops fetching, drains every reader, leaves the group and closes. May be called twice. */
  close(): Promise<void>;
}

/**
 * Reads the log by partition. One process of a group reads a partition at a time. `subscribe` resolves when the
 * feed maintains the membership; it does not wait for an unreachable log, and joins when the log answers. Records
 * that were received but not committed are received again, in the same order, after a restart or a reassignment.
 */
export interface RecordFeed {
  subscribe(topic: FeedTopic, subscriber: RecordSubscriber): Promise<FeedConnection>;
}
