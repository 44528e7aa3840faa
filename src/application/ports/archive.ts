import type { FailedMessage, FailureState } from '../../domain/failures/failed-message.js';
import type { Known } from '../../domain/delivery/fate.js';
import type { Holding } from '../../domain/inbox/message-status.js';
import type { MessageId, StoredMessage } from '../../domain/message.js';

/**
 * A place in a list; the next page begins after it. A cursor without a number is a place in the order of (sentAt,
 * id): that of failures, and of message lists of earlier versions. From such a cursor, a message list continues
 * with the messages of the same millisecond that have a higher id, and then with all later ones, which is the rest
 * of the list in that order.
 */
export interface ListCursor {
  readonly sentAt: number;
  readonly number?: number;
  readonly id: MessageId;
  /** Of that millisecond, only higher ids follow, because the earlier pages began at a cursor without a number. */
  readonly idsAbove?: MessageId;
}

/** The place of a row in its list. */
export type ListPlace = Omit<ListCursor, 'idsAbove'>;

/** `since` is inclusive, `until` exclusive, both on sentAt, in milliseconds since the epoch. */
export interface MessageQuery {
  readonly from?: string;
  readonly to?: string;
  readonly since?: number;
  readonly until?: number;
  readonly after?: ListCursor;
  /** The largest number of rows; without it, all rows. */
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
  /** The oldest `failedAt` of the unresolved failures. */
  readonly oldestFailedAt?: number;
}

/**
 * A row of a message list. `number` is its number in the inbox, or 0 for a message that has none yet. No row of a list
 * has it while the store still builds the index for the order by number; that list is in the order of (sentAt, id).
 */
export type ListedMessage = Omit<StoredMessage, 'number'> & { readonly number?: number };

/** The largest number of conflicts that an archive returns for one id. */
export const CONFLICTS_MAX = 100;

/**
 * Reads messages and failures for lists and look-ups.
 *
 * Messages are listed in the order of (sentAt, number, id), failures in that of (sentAt, id), row by row with
 * constant memory. A failed iteration rejects with `DependencyUnavailable` and never just ends. A list with a limit
 * and `find` may also reject with `QueryTooSlow`. A call sees everything that was settled before it.
 */
export interface Archive {
  messages(query: MessageQuery): AsyncIterable<ListedMessage>;
  failures(query: FailureQuery): AsyncIterable<FailedMessage>;
  /** The places of the rows of a list, without their content. For lists with a limit. */
  messagePlaces(query: MessageQuery): Promise<readonly ListPlace[]>;
  failurePlaces(query: FailureQuery): Promise<readonly ListPlace[]>;
  /** The message and the failure with this id; undefined if there is neither. */
  find(id: MessageId): Promise<Holding | undefined>;
  /** Ids of failed messages that were sent with this id and other content: ascending, at most 100. */
  conflicts(id: MessageId): Promise<readonly MessageId[]>;
  /** What the ledger knows about each id, in one query. Unknown ids are absent. */
  known(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, Known>>;
  summary(): Promise<FailureSummary>;
}
