import type { mongo } from 'mongoose';
import type { MessageQuery } from '../../../application/ports/inbox/archive.js';
import { EARLIEST, LATEST, TIME_IN_TEXT } from './legacy-documents.js';
import { messageFilter } from '../inbox/list-search.js';

// Only what mongoose made: other ids have no place in the order.
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
/** `legacyMessage` in the server's words. */
const SENT_AT = {
  $let: {
    vars: { given: GIVEN },
    in: { $toLong: { $cond: [USABLE, '$$given', { $toDate: '$_id' }] } },
  },
};
const MEMBERS = { from: 1, to: 1, message: 1, send_time: 1, reason: 1, failedAt: 1 };

/** Times that are texts are in no index: the server sorts all of it, on disk where it is much. */
export function inOrder(query: MessageQuery): mongo.Document[] {
  const { limit } = query;
  return [
    { $match: MADE_BY_MONGOOSE },
    // They are in no inbox, and cursors by number compare with that.
    { $project: { ...MEMBERS, sentAt: SENT_AT, number: { $literal: 0 } } },
    { $match: messageFilter(query) },
    { $sort: { sentAt: 1, _id: 1 } },
    ...(limit === undefined ? [] : [{ $limit: limit }]),
  ];
}
