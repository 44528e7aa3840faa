import type { mongo } from 'mongoose';
import type { MessageQuery } from '../../../application/ports/archive.js';
import { EARLIEST, LATEST, TIME_IN_TEXT } from './legacy-documents.js';
import { messageFilter } from '../inbox/list-search.js';

// Only documents that mongoose created: ids of other types have no place in the order.
const MADE_BY_MONGOOSE = { _id: { $type: 'objectId' } };
const TEXT_TIME = {
  $let: {
    vars: { found: { $regexFind: { input: '$send_time', regex: TIME_IN_TEXT.source } } },
    in: {
      $dateFromString: {
        dateString: { $arrayElemAt: ['$$found.captures', 0] },
        ...{ onError: null, onNull: null },
      },
    },
  },
};
const GIVEN = {
  $switch: {
    branches: [
      { case: { $eq: [{ $type: '$send_time' }, 'string'] }, then: TEXT_TIME },
      { case: { $eq: [{ $type: '$send_time' }, 'date'] }, then: '$send_time' },
    ],
    default: null,
  },
};
const USABLE = {
  $and: [{ $gte: ['$$given', new Date(EARLIEST)] }, { $lte: ['$$given', new Date(LATEST)] }],
};
/** The `sentAt` of `legacyMessage` as an aggregation expression. */
const SENT_AT = {
  $let: {
    vars: { given: GIVEN },
    in: { $toLong: { $cond: [USABLE, '$$given', { $toDate: '$_id' }] } },
  },
};
const MEMBERS = { from: 1, to: 1, message: 1, send_time: 1, reason: 1, failedAt: 1 };

/**
 * Builds the pipeline of a list. No index helps, because the times are texts: the server sorts the whole
 * collection, on disk if it is large.
 */
export function inOrder(query: MessageQuery): mongo.Document[] {
  const { limit } = query;
  return [
    { $match: MADE_BY_MONGOOSE },
    // The documents are in no inbox; cursors by number compare with 0.
    { $project: { ...MEMBERS, sentAt: SENT_AT, number: { $literal: 0 } } },
    { $match: messageFilter(query) },
    { $sort: { sentAt: 1, _id: 1 } },
    ...(limit === undefined ? [] : [{ $limit: limit }]),
  ];
}
