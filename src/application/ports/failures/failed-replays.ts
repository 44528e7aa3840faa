import type { FailedMessage } from '../../../domain/failures/failed-message.js';

/** What of a failure is told of a replay that failed again. */
export type UnnotifiedReplay = Pick<FailedMessage, 'id' | 'code' | 'group' | 'failures' | 'state'>;

/**
 * Finds failures whose `alert` says that a replay of them failed again, at most `limit`, in no order; what was settled
 * or amended before a call is seen by it. Rejects with `DependencyUnavailable`.
 */
export interface FailedReplays {
  unnotified(limit: number): Promise<readonly UnnotifiedReplay[]>;
}
