import type { FailedMessage, FailureState } from '../../../domain/failures/failed-message.js';
import type { Known } from '../../../domain/delivery/fate.js';
import type { Holding } from '../../../domain/inbox/message-status.js';
import type { MessageId, StoredMessage } from '../../../domain/message.js';

/**
 * A place in a list; what stands after it comes next. Without a number it is a place in the order of (sentAt, id): that of
 * failures, and of the message lists of earlier versions. A message list goes on from it with the messages of that
 * millisecond that have a higher id, and all later ones, which is what was left of the list in that order.
 */
export interface ListCursor {
  readonly sentAt: number;
  readonly number?: number;
  readonly id: MessageId;
  /** Of that millisecond, only higher ids come next: the pages before began at a cursor without a number. */
  readonly idsAbove?: MessageId;
}

/** Where a row stands in its list. */
export type ListPlace = Omit<ListCursor, 'idsAbove'>;

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
 * A row of a message list. `number` is its place in the inbox, or 0 for a message that has none yet. All rows of a list lack
 * it while the store still builds what the order by number needs: that list is in the order of (sentAt, id).
 */
export type ListedMessage = Omit<StoredMessage, 'number'> & { readonly number?: number };

/** As many conflicts as an archive names for one id. */
export const CONFLICTS_MAX = 100;

/**
 * The ledger's read side for people who browse. Messages are listed in the order of (sentAt, number, id), failures in that
 * of (sentAt, id), row by row with flat memory however many there are; an iteration that fails rejects with
 * `DependencyUnavailable`, it never just ends. A list with a limit and `find` may also reject with `QueryTooSlow`.
 * What was settled before a call is seen by it.
 */
export interface Archive {
  messages(query: MessageQuery): AsyncIterable<ListedMessage>;
  failures(query: FailureQuery): AsyncIterable<FailedMessage>;
  /** Where the rows of the same list stand, without their content. For lists with a limit. */
  messagePlaces(query: MessageQuery): Promise<readonly ListPlace[]>;
  failurePlaces(query: FailureQuery): Promise<readonly ListPlace[]>;
  /** Everything that is held under the id. */
  find(id: MessageId): Promise<Holding | undefined>;
  /** Ids of failed messages that came under this id with other content: rising, at most 100. */
  conflicts(id: MessageId): Promise<readonly MessageId[]>;
  /** What decides about the ids, of those that are known at all; in one query. */
  known(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, Known>>;
  summary(): Promise<FailureSummary>;
}
