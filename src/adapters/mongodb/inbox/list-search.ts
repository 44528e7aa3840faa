import type { mongo } from 'mongoose';
import {
  CONFLICTS_MAX,
  type FailureQuery,
  type ListCursor,
  type MessageQuery,
} from '../../../application/ports/archive.js';
import type { MessageId } from '../../../domain/message.js';
import { documentId, type MessageDocument } from '../schema/documents.js';
import { LIMITED } from '../client/limited-reads.js';

export type Filter = mongo.Filter<MessageDocument>;

/** The arguments of `find`. */
export interface Search {
  readonly filter: Filter;
  readonly options: mongo.FindOptions;
}

const BATCH_SIZE = 500;
const BY_NUMBER = { sentAt: 1, number: 1, _id: 1 } as const;
const BY_ID = { sentAt: 1, _id: 1 } as const;
const FAILURES_BY_ID = { 'failure.sentAt': 1, _id: 1 } as const;

export function messageSearch(query: MessageQuery, isByNumber: boolean): Search {
  const sort = isByNumber ? BY_NUMBER : BY_ID;
  return { filter: messageFilter(query), options: { sort, projection: { failure: 0 }, ...sizes(query) } };
}

export function failureSearch(query: FailureQuery): Search {
  const projection = { content: 1, failure: 1 };
  return { filter: failureFilter(query), options: { sort: FAILURES_BY_ID, projection, ...sizes(query) } };
}

function sizes({ limit }: MessageQuery): mongo.FindOptions {
  return { batchSize: BATCH_SIZE, ...(limit !== undefined && { limit, ...LIMITED }) };
}

/**
 * Selects stored messages. A document that is only a failure has no `sentAt` at the top level, so the comparison
 * excludes it.
 */
export function messageFilter(query: MessageQuery): Filter {
  const { from, to, since = -Infinity, until, after } = query;
  const clients = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const before = until === undefined ? {} : { $lt: until };
  if (after === undefined || after.sentAt < since) return { ...clients, sentAt: { $gte: since, ...before } };
  const later = { ...clients, sentAt: { $gt: after.sentAt, ...before } };
  if (until !== undefined && after.sentAt >= until) return later;
  // Each branch has all conditions, and so its own bounds in the index: no page reads what is before it.
  const same = restOfMillisecond(after).map((rest) => ({ ...clients, sentAt: after.sentAt, ...rest }));
  return { $or: [...same, later] };
}

function restOfMillisecond({ number, id, idsAbove }: ListCursor): Filter[] {
  const _id = { $gt: documentId(id) };
  if (number === undefined) return [{ _id }];
  const higher = idsAbove === undefined ? {} : { _id: { $gt: documentId(idsAbove) } };
  return [
    { number, _id },
    { number: { $gt: number }, ...higher },
  ];
}

/**
 * Selects failures. The planner merges the values of `failure.state` in order, but not within an `$or` at the top.
 */
export function failureFilter(query: FailureQuery): Filter {
  const { states, code, group, from, to, since, until, after } = query;
  const earliest = Math.max(since ?? -Infinity, after?.sentAt ?? -Infinity);
  return {
    'failure.state': { $in: [...states] },
    ...(code !== undefined && { 'failure.code': code }),
    ...(group !== undefined && { 'failure.group.key': group }),
    ...(from !== undefined && { 'failure.from': from }),
    ...(to !== undefined && { 'failure.to': to }),
    'failure.sentAt': { $gte: earliest, ...(until !== undefined && { $lt: until }) },
    ...(after && {
      $or: [{ 'failure.sentAt': { $gt: after.sentAt } }, { _id: { $gt: documentId(after.id) } }],
    }),
  };
}

/** Finds the ids of failures that were sent with this id and other content. */
export function conflictSearch(id: MessageId): Search {
  const options = {
    ...LIMITED,
    projection: { _id: 1 as const },
    sort: { _id: 1 as const },
    limit: CONFLICTS_MAX,
  };
  return { filter: { 'failure.conflictsWith': id }, options };
}
