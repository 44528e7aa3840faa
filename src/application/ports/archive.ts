import type { FailedMessage, FailureState } from '../../domain/failed-message.js';
import type { Known } from '../../domain/fate.js';
import type { Holding } from '../../domain/message-life.js';
import type { MessageId, StoredMessage } from '../../domain/message.js';

/** A place in the order of (sentAt, id); what stands after it comes next. */
export interface ListCursor {
  readonly sentAt: number;
  readonly id: MessageId;
}

/** `since` is inclusive, `until` exclusive, both on sentAt, in milliseconds since the epoch. */
export interface MessageQuery {
  readonly from?: string;
  readonly to?: string;
  readonly since?: number;
  readonly until?: number;
  readonly after?: ListCursor;
  /** At most so many rows; all of them without it. */
  readonly limit?: number;
}

export interface FailureQuery extends MessageQuery {
  readonly states: readonly FailureState[];
  readonly code?: string;
  readonly group?: string;
}

export interface FailureSummary {
  /** Failed messages in an open state. */
  readonly open: number;
  /** The oldest `failedAt` among the unresolved. */
  readonly oldestFailedAt?: number;
}

/**
 * The ledger's read side for people who browse. Lists come in the order of (sentAt, id), row by row with flat memory
 * however many there are; an iteration that fails rejects with `DependencyUnavailable`, it never just ends.
 * What was settled before a call is seen by it.
 */
export interface Archive {
  messages(query: MessageQuery): AsyncIterable<StoredMessage>;
  failures(query: FailureQuery): AsyncIterable<FailedMessage>;
  /** Everything that is held under the id. */
  find(id: MessageId): Promise<Holding | undefined>;
  /** What decides about the ids, of those that are known at all; in one query. */
  known(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, Known>>;
  summary(): Promise<FailureSummary>;
}
