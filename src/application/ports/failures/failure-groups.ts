import type { MessageId } from '../../../domain/message.js';

/** Unresolved failures with the same code and normalised reason. `first` and `last` are times of failure (ms). */
export interface GroupSummary {
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** The latest failure of the group. */
  readonly sample: MessageId;
  /** All failures of the group are invalid sends, which cause no alert. */
  readonly isRefused: boolean;
  /** The oldest failure that is not an invalid send, and when it failed; any of them if several failed at that time. */
  readonly oldest?: { readonly id: MessageId; readonly at: number };
}

/**
 * Reads all groups, largest first. May take seconds with millions of failures. Rejects with `DependencyUnavailable`.
 */
export interface FailureGroups {
  groups(): Promise<readonly GroupSummary[]>;
}
