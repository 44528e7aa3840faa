/** The next offset of each partition. */
export type Offsets = ReadonlyMap<number, number>;

/**
 * Where consumer groups stand in topics.
 *
 * `committed` gives what the group has committed; partitions in which it never has are missing, all of them where
 * there is no such group or topic. `hasMembers`: somebody consumes in its name, or did so until just now. `set` commits
 * in the group's name, durably when it resolves; cut off, some partitions may be set. It rejects where the group has
 * members. All reject while the log does not answer.
 */
export interface GroupOffsets {
  committed(group: string, topic: string): Promise<Offsets>;
  hasMembers(group: string): Promise<boolean>;
  set(group: string, topic: string, offsets: Offsets): Promise<void>;
}
