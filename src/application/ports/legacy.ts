import type { DeadLetter } from '../../domain/failures/failed-message.js';
import type { RawMessage } from '../../domain/message-rules.js';

/** The two kinds of documents of the legacy service: stored messages and failures. */
export type LegacyKind = 'messages' | 'failures';

/** A document of the legacy service. */
export interface LegacyItem {
  /** Identifies the document. Only the collections interpret it. */
  readonly key: unknown;
  /** The members of the message, as stored. */
  readonly raw: RawMessage;
  /**
   * The dead letter for a failure, or for a stored message that cannot be imported; the latter has no reason yet.
   * The same document always gives the same letter.
   */
  readonly letter: DeadLetter;
}

/**
 * The collections of the legacy service. Documents are moved out of them as they are imported.
 *
 * `first` returns at most `limit` of the remaining documents in the order of creation, or an empty list if none
 * remain. Failures may be in several collections, which are read one after another.
 *
 * `setAside` moves documents unchanged to a backup; they are durable there when it resolves. If it fails, some or
 * all of them may be moved, and each is in at least one of the two places. Idempotent, and safe to call
 * concurrently from several processes.
 *
 * All methods reject with `DependencyUnavailable`.
 */
export interface LegacyCollections {
  count(kind: LegacyKind): Promise<number>;
  first(kind: LegacyKind, limit: number): Promise<readonly LegacyItem[]>;
  setAside(kind: LegacyKind, items: readonly LegacyItem[]): Promise<void>;
}

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
