import type { LogRecord } from './record-log.js';

/** Which topic, read by which consumer group; a group that is new begins at the earliest record. */
export interface FeedTopic {
  readonly topic: 'messages' | 'dead-letters';
  readonly group: string;
}

/** One partition as assigned to this process, until it is revoked. */
export interface AssignedPartition {
  readonly topic: string;
  readonly partition: number;
  /**
   * Sets the group's offset: where reading begins after a restart or in another process. To be called as often as the
   * offset changes: the feed commits it within about a second, together with others, and repeats a commit that
   * fails. Never throws. After revocation it does nothing.
   * `last` is the record received before `nextOffset`, by which a feed may tell later that its log was cut; absent
   * where it is the one that was committed last.
   */
  commit(nextOffset: number, last?: LogRecord): void;
}

/** Reads one assigned partition. All its state belongs to that one assignment. */
export interface PartitionReader {
  /**
   * Takes records in rising offset order, none twice within an assignment. Resolves when it is ready for more: the
   * feed waits with the next call of this partition, however long, without holding up others or losing the
   * assignment. Never rejects.
   */
  receive(records: readonly LogRecord[]): Promise<void>;
  /** The assignment is over: timers are cancelled, late results dropped, nothing more is committed. */
  revoked(): void;
  /**
   * Takes nothing new, waits for writes in flight and commits what is finished; called before `revoked` at a shutdown.
   * The feed flushes its commits in between.
   */
  drain(): Promise<void>;
}

export interface RecordSubscriber {
  assigned(partition: AssignedPartition): PartitionReader;
}

/** An open membership in a consumer group. */
export interface FeedConnection {
  /** Stops fetching, drains every reader, leaves the group, closes. May be called twice. */
  close(): Promise<void>;
}

/**
 * Reads the log by partition, each partition in one process of a group at a time. `subscribe` resolves once the
 * membership is being maintained; it does not wait for an unreachable log, which is joined when it can be.
 * What was received and not committed is received again, in the same order, after a restart or a reassignment.
 */
export interface RecordFeed {
  subscribe(topic: FeedTopic, subscriber: RecordSubscriber): Promise<FeedConnection>;
}
