/** The next offset of each partition. */
export type Offsets = ReadonlyMap<number, number>;

/**
 * Reads and sets the committed offsets of consumer groups.
 *
 * `committed` returns what the group has committed. Partitions without a committed offset are absent; the map is
 * empty if the group or the topic does not exist.
 *
 * `hasMembers` reports whether a consumer is a member of the group, or was until a moment ago.
 *
 * `set` commits in the group's name and resolves when the offsets are durable. If it fails, some partitions may be
 * set. It rejects if the group has members.
 *
 * All methods reject while the log does not answer.
 */
export interface GroupOffsets {
  committed(group: string, topic: string): Promise<Offsets>;
  hasMembers(group: string): Promise<boolean>;
  set(group: string, topic: string, offsets: Offsets): Promise<void>;
}
