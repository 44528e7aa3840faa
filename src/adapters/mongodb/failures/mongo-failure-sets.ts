import type { mongo } from 'mongoose';
import type { FailureSets, ReplayCounts, ReplaySet, Selection } from '../../../application/ports/failures.js';
import type { MessageId } from '../../../domain/message.js';
import type { ReplayFilter } from '../../../domain/failures/replay-job.js';
import type { MessageDocument } from '../schema/documents.js';
import type { MongoConnection } from '../connection/mongo-connection.js';
import { BY_GROUP, BY_RECORDING } from '../schema/schemas.js';

type Filter = mongo.Filter<MessageDocument>;
type Messages = mongo.Collection<MessageDocument>;

/** A place in the order of the indexes. */
interface Place {
  readonly recordedAt: number;
  readonly _id: MessageDocument['_id'];
}

const REMEMBERED_JOBS = 1_000;

export class MongoFailureSets implements FailureSets {
  /** The place of the first failure that each job found last. The job has passed over the failures before it. */
  private readonly reached = new Map<string, Place>();

  constructor(private readonly connection: MongoConnection) {}

  select(filter: ReplayFilter, now: number): Promise<Selection> {
    return this.connection.use('reads', async ({ messages }) => {
      const before = Math.max(now, (await latestRecording(messages)) + 1);
      const selected = { ...matching(filter), 'failure.recordedAt': { $lt: before } };
      return { count: await messages.countDocuments(selected, { hint: indexFor(filter) }), before };
    });
  }

  next(set: ReplaySet, limit: number): Promise<readonly MessageId[]> {
    if (limit <= 0) return Promise.resolve([]);
    return this.connection.use('reads', async ({ messages }) => {
      const from = this.reached.get(set.job);
      const found = from ? await someFrom(messages, set, from, limit) : [];
      // No failures follow. Any that remain are before the place, for example because a process whose clock
      // is behind recorded them.
      const members = found.length > 0 ? found : await some(messages, set, {}, limit);
      this.remember(set.job, members[0]);
      return members.map(({ _id }) => _id.toString());
    });
  }

  counts(job: string): Promise<ReplayCounts> {
    return this.connection.use('reads', async ({ messages }) => {
      const [counts] = await messages.aggregate<ReplayCounts>(countMarks(job), { hint: BY_JOB }).toArray();
      return counts ?? { published: 0, skipped: 0, failedAgain: 0, pending: 0 };
    });
  }

  overdue(now: number, limit: number): Promise<readonly MessageId[]> {
    if (limit <= 0) return Promise.resolve([]);
    return this.connection.use('reads', async ({ messages }) => {
      const options = { sort: { 'failure.lease': 1 as const }, projection: { _id: 1 }, limit };
      const found = await messages.find({ 'failure.lease': { $lt: now } }, options).toArray();
      return found.map(({ _id }) => _id.toString());
    });
  }

  leased(ids: readonly MessageId[], lease: number): Promise<readonly MessageId[]> {
    return this.connection.use('reads', async ({ messages }) => {
      const options = { hint: BY_LEASE, projection: { _id: 1 } };
      const found = await messages.find({ 'failure.lease': lease }, options).toArray();
      const asked = new Set(ids);
      return found.map(({ _id }) => _id.toString()).filter((id) => asked.has(id));
    });
  }

  private remember(job: string, place: Place | undefined): void {
    if (this.reached.size >= REMEMBERED_JOBS) this.reached.clear();
    if (place) this.reached.set(job, place);
    else this.reached.delete(job);
  }
}

const BY_JOB = { 'failure.jobs.id': 1 } as const;
const BY_LEASE = { 'failure.lease': 1 } as const;

const indexFor = ({ group }: ReplayFilter): mongo.IndexSpecification & object =>
  group === undefined ? BY_RECORDING : BY_GROUP;

function matching({ code, group, from, to, since, until }: ReplayFilter): Filter {
  const sentAt = { ...(since !== undefined && { $gte: since }), ...(until !== undefined && { $lt: until }) };
  return {
    'failure.state': 'unresolved',
    ...(code !== undefined && { 'failure.code': code }),
    ...(group !== undefined && { 'failure.group.key': group }),
    ...(from !== undefined && { 'failure.from': from }),
    ...(to !== undefined && { 'failure.to': to }),
    ...(Object.keys(sentAt).length > 0 && { 'failure.sentAt': sentAt }),
  };
}

/** Returns the latest `recordedAt` of all unresolved failures, whichever process recorded it. */
async function latestRecording(messages: Messages): Promise<number> {
  const latest = await messages.findOne(
    { 'failure.state': 'unresolved' },
    { hint: BY_RECORDING, sort: { 'failure.recordedAt': -1 }, projection: { 'failure.recordedAt': 1 } },
  );
  return latest?.failure?.recordedAt ?? -Infinity;
}

/** Finds failures from a place on, in two ranges of the index. */
async function someFrom(
  messages: Messages,
  set: ReplaySet,
  { recordedAt, _id }: Place,
  limit: number,
): Promise<Place[]> {
  const beside = await some(messages, set, { 'failure.recordedAt': recordedAt, _id: { $gte: _id } }, limit);
  if (beside.length === limit) return beside;
  const behind = { 'failure.recordedAt': { $gt: recordedAt, $lt: set.before } };
  return [...beside, ...(await some(messages, set, behind, limit - beside.length))];
}

async function some(
  messages: Messages,
  { job, filter, before }: ReplaySet,
  range: Filter,
  limit: number,
): Promise<Place[]> {
  const found = await messages
    .find(
      {
        ...matching(filter),
        'failure.recordedAt': { $lt: before },
        ...range,
        'failure.jobs.id': { $ne: job },
      },
      {
        hint: indexFor(filter),
        sort: { 'failure.recordedAt': 1, _id: 1 },
        projection: { 'failure.recordedAt': 1 },
        limit,
      },
    )
    .toArray();
  return found.map(({ _id, failure }) => ({ _id, recordedAt: failure?.recordedAt ?? 0 }));
}

function countMarks(job: string): mongo.Document[] {
  const mark = { $filter: { input: '$failure.jobs', cond: { $eq: ['$$this.id', job] } } };
  const has = (field: string): object => ({ $ne: [{ $type: field }, 'missing'] });
  const sum = (condition: object): object => ({ $sum: { $cond: [condition, 1, 0] } });
  // The same rules as in `fateOfMark`.
  const isTaken = has('$mark.replays');
  const isKnown = { $or: [has('$mark.published'), has('$mark.failed')] };
  const isPending = { $and: [{ $not: [isKnown] }, has('$lease'), { $eq: ['$mark.replays', '$replays'] }] };
  return [
    { $match: { 'failure.jobs.id': job } },
    { $project: { mark: { $first: mark }, replays: '$failure.replays', lease: '$failure.lease' } },
    {
      $group: {
        _id: null,
        published: sum({ $and: [isTaken, isKnown] }),
        skipped: sum({ $not: [{ $and: [isTaken, { $or: [isKnown, isPending] }] }] }),
        failedAgain: sum({ $and: [isTaken, has('$mark.failed')] }),
        pending: sum({ $and: [isTaken, isPending] }),
      },
    },
    { $unset: '_id' },
  ];
}
