import type { RecordPosition } from '../../domain/identity.js';

/** A record to write. Header values are text. Buffers that a codec made are not copied. */
export interface NewRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A record as read. `timestamp` is set by the log, in milliseconds since the epoch. */
export interface LogRecord extends NewRecord, RecordPosition {
  readonly timestamp: number;
}

/** The log's result for one record of a batch. A `too-large` record was not written; the others were. */
export type AppendResult = 'appended' | 'too-large';

/**
 * Appends records to one topic of the log: messages or dead letters.
 *
 * `append` writes the records of each key in the given order and resolves with one result per record when all of
 * them are durable (on all in-sync replicas, or flushed). It retries through outages and may write a record more
 * than once. It stops when `signal` is aborted or the log returns an error that cannot be retried, and then rejects
 * with `SendFailed`: `not-sent` if no record of the batch can be in the log, otherwise `unknown`. Not safe to call
 * concurrently: larger batches give more throughput.
 *
 * `close` may be called twice. An append in flight ends as if aborted.
 */
export interface RecordLog {
  append(records: readonly NewRecord[], signal: AbortSignal): Promise<readonly AppendResult[]>;
  close(): Promise<void>;
}

/** Records of one partition, in the order to write them. */
export interface RecordGroup {
  readonly partition: number;
  readonly records: readonly NewRecord[];
}

/**
 * The result of one attempt to write a group. `too-large`: the log rejected the whole group and wrote none of it.
 * `not-sent`: none of it was written. `unknown`: it may have been written.
 */
export type GroupResult = 'appended' | 'too-large' | 'not-sent' | 'unknown';

/**
 * One topic of the log whose partitions can fail independently.
 *
 * `partitionOf` always returns the same partition for the same record. Records with the same key share a partition.
 * It may be called only after `ready` has resolved.
 *
 * `attempt` tries once to write each group, all groups concurrently, and returns one promise per group, in the
 * order of the groups. The promises never reject, and resolve independently: a group whose partition has no leader
 * resolves at once, and a group whose leader does not answer resolves late. No two groups of a call may share a
 * partition, and a partition must not be attempted again while its last attempt is pending.
 *
 * `partition` returns a log that writes to one partition only, on its own connections. Its `append` retries as
 * `RecordLog` says. The caller closes it.
 */
export interface PartitionedLog {
  /** Resolves when the partitions are known. Rejects with `SendFailed` if the log returns no partitions. */
  ready(): Promise<void>;
  partitionOf(record: NewRecord): number;
  attempt(groups: readonly RecordGroup[]): readonly Promise<GroupResult>[];
  partition(partition: number): RecordLog;
  close(): Promise<void>;
}

/**
 * Sends single records to one topic and gathers them into batches. `send` resolves when the record is durable in
 * the log, and rejects with `SendFailed` or `RecordTooLarge`.
 */
export interface RecordSender {
  send(record: NewRecord): Promise<void>;
}

/** A sender with limited space for records in flight. */
export interface BoundedSender extends RecordSender {
  /** The error that any send would be rejected with now; undefined if sends are accepted. */
  readonly rejection: Error | undefined;
}

/** A sender that is drained when the process stops. */
export interface MessageQueue extends BoundedSender {
  /** The number of records that wait for their append. */
  readonly length: number;
  /** Accepts no more sends. Resolves when all are answered, after `timeoutMs` at the latest. */
  close(timeoutMs: number): Promise<void>;
}

/** The results for some records of a run. */
export interface RunAnswer {
  /** The indexes of these records in the run, ascending. */
  readonly places: readonly number[];
  /** In the order of `places`, up to the append that failed. Records without a result may or may not be in the log. */
  readonly results: readonly AppendResult[];
}

/**
 * A sender that also sends many records together.
 *
 * `sendAll` writes the records of each partition in one append, or in several, one after the other, if they do not
 * fit into one. It calls back when the records of a partition are answered, independently of the other partitions,
 * and answers each record once. A `send` that follows in the same turn of the event loop may be written first.
 */
export interface RunSender extends RecordSender {
  sendAll(records: readonly NewRecord[], onAnswer: (answer: RunAnswer) => void): void;
}

export interface RunQueue extends MessageQueue, RunSender {}

/**
 * Reads the shortest time for which the log keeps a message, in milliseconds; Infinity if it has no limit. Rejects
 * with `DependencyUnavailable` while that is unknown.
 */
export interface LogRetention {
  ofMessages(): Promise<number>;
}
