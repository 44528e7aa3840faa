import type { MessageId } from '../../../domain/message.js';

/** Unresolved failures with one code and one normalised reason. `first` and `last` are times of failure (ms). */
export interface GroupSummary {
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** One of them, the latest. */
  readonly sample: MessageId;
  /** All of them were refused at the door: nobody needs to be told. */
  readonly isRefused: boolean;
  /** The oldest that was not refused, and when it failed; of those of one time any. */
  readonly oldest?: { readonly id: MessageId; readonly at: number };
}

/** All groups, the largest first. May take a while with millions of failures. Rejects with `DependencyUnavailable`. */
export interface FailureGroups {
  groups(): Promise<readonly GroupSummary[]>;
}
