import type { FailedMessage } from '../../../domain/failures/failed-message.js';

/** The members of a failure that an alert about its failed replay needs. */
export type UnnotifiedReplay = Pick<FailedMessage, 'id' | 'code' | 'group' | 'failures' | 'state'>;

/**
 * Finds failures with a due alert about a failed replay, at most `limit`, in any order. A call sees everything that
 * was settled or amended before it. Rejects with `DependencyUnavailable`.
 */
export interface FailedReplays {
  unnotified(limit: number): Promise<readonly UnnotifiedReplay[]>;
}
