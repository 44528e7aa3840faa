/** Identifies a record by offset and hash, to check later whether the log still has it. */
export interface RecordDigest {
  readonly offset: number;
  readonly hash: string;
}

/** The progress of a consumer group in one partition. */
export interface ConsumerPosition {
  /** The offset of the next record. */
  readonly next: number;
  /** A lower bound of the unacknowledged records that the log lost before they were delivered. */
  readonly lost: number;
  /** The last finished record before `next`; absent if unknown. */
  readonly last?: RecordDigest;
}
