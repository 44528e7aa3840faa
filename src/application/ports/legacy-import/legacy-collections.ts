import type { DeadLetter } from '../../../domain/failures/failed-message.js';
import type { RawMessage } from '../../../domain/message-rules.js';

/** What the service that was here before kept: what it had stored, and what had failed. */
export type LegacyKind = 'messages' | 'failures';

/** One of its documents. */
export interface LegacyItem {
  /** Names the document; the collections alone know what it is. */
  readonly key: unknown;
  /** What it says, as it says it. */
  readonly raw: RawMessage;
  /**
   * What it is where it is recorded as failed; of a stored one, what is known but for the reason. Always the same of
   * the same document.
   */
  readonly letter: DeadLetter;
}

/**
 * The collections of the service that was here before, out of which documents are set aside once they are taken over.
 *
 * `first` gives at most so many documents that are still there, in the order in which they were made (failures may be in
 * several collections, which follow one another); an empty list where there are none. `setAside` moves documents as
 * they are to where they stay as a backup: durable when it resolves. Rejected or cut off, some or all may be moved, each is in at least one of the two places; setting aside
 * again what was moved changes nothing. Safe to call at once from many processes. All reject with
 * `DependencyUnavailable`.
 */
export interface LegacyCollections {
  count(kind: LegacyKind): Promise<number>;
  first(kind: LegacyKind, limit: number): Promise<readonly LegacyItem[]>;
  setAside(kind: LegacyKind, items: readonly LegacyItem[]): Promise<void>;
}
