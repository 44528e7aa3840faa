import type { NewRecord, RecordLog } from './record-log.js';

/** Records of one partition, in the order in which they are to be written. */
export interface RecordGroup {
  readonly partition: number;
  readonly records: readonly NewRecord[];
}

/**
 * The result of one attempt to write a group. `too-large`: the log refused the group as a whole, nothing of it was
 * written. `not-sent`: nothing of it was written. `unknown`: it may have been written.
 */
export type GroupResult = 'appended' | 'too-large' | 'not-sent' | 'unknown';

/**
 * One topic of the log whose partitions can fail independently.
 *
 * `partitionOf` always returns the same partition for the same record. Records with the same key share one. Only valid
 * after `ready`.
 *
 * `attempt` tries once to write each group, all groups at the same time, and returns one promise per group, in the
 * order of the groups. The promises never reject, and resolve independently: a group whose partition has no leader
 * resolves at once, one whose leader does not answer resolves late. No two groups of a call share a partition, and a
 * partition must not be attempted again while its last attempt is pending.
 *
 * `partition` returns a log that writes to one partition only, on connections of its own. Its `append` retries as
 * `RecordLog` says. The caller closes it.
 */
export interface PartitionedLog {
  /** Resolves when the partitions are known. Rejects with `SendFailed` if the log refuses to name them. */
  ready(): Promise<void>;
  partitionOf(record: NewRecord): number;
  attempt(groups: readonly RecordGroup[]): readonly Promise<GroupResult>[];
  partition(partition: number): RecordLog;
  close(): Promise<void>;
}
