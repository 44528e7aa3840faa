import { mongo } from 'mongoose';
import type { GroupCounts } from '../../../application/ports/failures/group-count-store.js';
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
 * All that is known under one id: the unique _id is what keeps stored messages and failures in one space of ids.
 * A stored message has its fields at the top, a failure in `failure`; one that was stored after it failed has both.
 */
export interface MessageDocument extends Partial<StoredFields> {
  readonly _id: mongo.ObjectId | typeof PROBE;
  readonly content?: string;
  readonly failure?: FailureFields;
  /** Of the document that probes write to. */
  readonly probes?: number;
}

/** `revision` rises with every decision in this inbox and every sweep of it, so that they write what the others read. */
export interface InboxDocument {
  /** The client's name. */
  readonly _id: string;
  /** The first number that is kept; 1 where nothing was swept. */
  readonly first?: number;
  readonly last?: number;
  readonly revision: number;
  /** Nothing that is kept was stored before; for the sweep to find what is due. */
  readonly oldest?: number;
}

/** How far a client has read, and when that was written. */
export interface ReaderDocument {
  /** The client's name. */
  readonly _id: string;
  readonly number: number;
  readonly at: number;
}

/** How far a consumer group has got in one partition. */
export interface PositionDocument extends Partial<ConsumerPosition> {
  readonly _id: PositionKey | typeof ORIGIN;
  /** Of the document that says how the ledger began. */
  readonly empty?: boolean;
}

/** Its members are compared in this order, as MongoDB compares documents. */
export interface PositionKey {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/** The document beside the positions: whether the ledger was empty when it was first asked for one. */
export const ORIGIN = 'origin';

/** `revision` rises with every change, so that of two who change what both have read one begins again. */
export interface ReplayDocument extends Omit<ReplayJob, 'id'> {
  /** The bulk replay's id. */
  readonly _id: string;
  readonly revision: number;
}

/** The one that there is. `revision` rises with every change, as with bulk replays. */
export interface AlertDocument extends AlertState {
  readonly _id: typeof ALERT_STATE;
  readonly revision: number;
}

export const ALERT_STATE = 'state';

/** The last counts of groups, and the lease of the process that counts. */
export interface GroupCountsDocument extends Lease {
  readonly _id: typeof GROUP_COUNTS_ID;
  /** Absent until groups were counted for the first time. `version` says how `value` is written. */
  readonly counts?: { readonly version: number; readonly term: number; readonly value: GroupCounts };
}

export const GROUP_COUNTS_ID = 'last';
/** The lease is the same in all versions. */
export const COUNTS_VERSION = 1;

/** What probes write to, in both collections: neither a message's id nor a client's name. */
export const PROBE = '*probe';

export const documentId = (id: MessageId): mongo.ObjectId => mongo.ObjectId.createFromHexString(id);

export function storedFields(stored: StoredMessage): StoredFields {
  const { id: _id, content: _content, ...fields } = stored;
  return fields;
}

/** What a message leaves behind for its failure when it is swept: all but these. */
export const STORED_FIELDS = {
  ...{ from: 1, to: 1, message: 1, sentAt: 1, number: 1, storedAt: 1, corrects: 1 },
} as const satisfies { readonly [Field in keyof Required<StoredFields>]: 1 };

export function failureFields(failed: FailedMessage): FailureFields {
  const { id: _id, content: _content, ...fields } = failed;
  return fields;
}

/** Of a document that the query chose for being stored. */
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
