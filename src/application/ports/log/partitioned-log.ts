import type { NewRecord, RecordLog } from './record-log.js';

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
