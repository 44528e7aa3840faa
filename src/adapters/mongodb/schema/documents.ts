import { mongo } from 'mongoose';
import type { GroupCounts } from '../../../application/ports/failures.js';
import type { ApiKey } from '../../../domain/access/api-key.js';
import type { AlertState } from '../../../domain/alerts/alert.js';
import type { ConsumerPosition } from '../../../domain/delivery/consumer-position.js';
import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import type { Known } from '../../../domain/delivery/fate.js';
import type { Lease } from '../../../domain/failures/lease.js';
import type { Holding } from '../../../domain/inbox/message-status.js';
import type { MessageId, StoredMessage } from '../../../domain/message.js';
import type { ReplayJob } from '../../../domain/failures/replay-job.js';

type StoredFields = Omit<StoredMessage, 'id' | 'content'>;
export type FailureFields = Omit<FailedMessage, 'id' | 'content'>;

/**
 * Everything that is known about one id. The unique `_id` keeps the ids of stored messages and failures in one
 * space. A stored message has its fields at the top level, a failure has them in `failure`. A message that failed
 * and was stored later has both.
 */
export interface MessageDocument extends Partial<StoredFields> {
  readonly _id: mongo.ObjectId | typeof PROBE;
  readonly content?: string;
  readonly failure?: FailureFields;
  /** Only in the document that probes write to. */
  readonly probes?: number;
}

/**
 * The state of an inbox. Every settlement and every sweep of the inbox increments `revision`, so that concurrent
 * ones conflict.
 */
export interface InboxDocument {
  /** The client's name. */
  readonly _id: string;
  /** The first number that is kept. Absent until the first sweep, which means 1. */
  readonly first?: number;
  readonly last?: number;
  readonly revision: number;
  /** No message that is kept was stored before this time. The sweep finds due inboxes by it. */
  readonly oldest?: number;
}

/** The read position of a client, and when it last moved. */
export interface ReaderDocument {
  /** The client's name. */
  readonly _id: string;
  readonly number: number;
  readonly at: number;
}

/** The position of a consumer group in one partition. */
export interface PositionDocument extends Partial<ConsumerPosition> {
  readonly _id: PositionKey | typeof ORIGIN;
  /** Only in the document `ORIGIN`: whether the ledger began empty. */
  readonly empty?: boolean;
}

/** MongoDB compares the members in this order. */
export interface PositionKey {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/** The id of the document that records whether the ledger was empty when a position was first read. */
export const ORIGIN = 'origin';

/**
 * A bulk replay. A change increments `revision` and is written only over the revision that it read, so one of
 * two concurrent changes is applied again.
 */
export interface ReplayDocument extends Omit<ReplayJob, 'id'> {
  /** The bulk replay's id. */
  readonly _id: string;
  readonly revision: number;
}

/** The only document of its collection. `revision` works as in `ReplayDocument`. */
export interface AlertDocument extends AlertState {
  readonly _id: typeof ALERT_STATE;
  readonly revision: number;
}

export const ALERT_STATE = 'state';

export interface ApiKeyDocument extends Omit<ApiKey, 'id'> {
  readonly _id: string;
}

/** The latest counts of groups, and the lease of the counting process. */
export interface GroupCountsDocument extends Lease {
  readonly _id: typeof GROUP_COUNTS_ID;
  /** Absent until the groups have been counted once. `version` is the format of `value`. */
  readonly counts?: { readonly version: number; readonly term: number; readonly value: GroupCounts };
}

export const GROUP_COUNTS_ID = 'last';
/** The format of `counts.value`. The lease has the same format in all versions. */
export const COUNTS_VERSION = 1;

/**
 * The id of the document that probes write to, in both collections. It is neither a message's id nor a client's
 * name.
 */
export const PROBE = '*probe';

export const documentId = (id: MessageId): mongo.ObjectId => mongo.ObjectId.createFromHexString(id);

export function storedFields(stored: StoredMessage): StoredFields {
  const { id: _id, content: _content, ...fields } = stored;
  return fields;
}

/** The fields that a sweep removes from a stored message that also has a failure. */
export const STORED_FIELDS = {
  ...{ from: 1, to: 1, message: 1, sentAt: 1, number: 1, storedAt: 1, corrects: 1 },
} as const satisfies { readonly [Field in keyof Required<StoredFields>]: 1 };

export function failureFields(failed: FailedMessage): FailureFields {
  const { id: _id, content: _content, ...fields } = failed;
  return fields;
}

/** Converts a document that the query selected as a stored message. */
export function toStored(document: mongo.WithId<MessageDocument>): StoredMessage {
  const { from = '', to = '', message = '', sentAt = 0, number = 0, storedAt = 0, content = '' } = document;
  const { corrects } = document;
  const fields = { id: document._id.toString(), from, to, message, sentAt, number, storedAt, content };
  return corrects === undefined ? fields : { ...fields, corrects };
}

export function toFailed({
  _id,
  content = '',
  failure,
}: mongo.WithId<MessageDocument>): FailedMessage | undefined {
  return failure && { ...failure, id: _id.toString(), content };
}

export function toKnown(document: mongo.WithId<MessageDocument>): Known {
  const failure = toFailed(document);
  return {
    content: document.content ?? '',
    stored: document.number !== undefined,
    ...(failure && { failure }),
  };
}

export function toHolding(document: mongo.WithId<MessageDocument>): Holding | undefined {
  const failure = toFailed(document);
  if (document.number === undefined) return failure && { failure };
  return { message: toStored(document), ...(failure && { failure }) };
}
