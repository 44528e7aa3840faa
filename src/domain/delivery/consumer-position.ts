/** Tells later whether the log still has a record: where it was, and a hash of what it was. */
export interface RecordDigest {
  readonly offset: number;
  readonly hash: string;
}

/** How far a consumer group has got in one partition. */
export interface ConsumerPosition {
  /** The offset of the next record. */
  readonly next: number;
  /** Records that the log lost before they were delivered and that no operator has acknowledged; at least so many. */
  readonly lost: number;
  /** The last finished record before `next`; absent where it is not known. */
  readonly last?: RecordDigest;
}
