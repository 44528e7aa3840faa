import type { mongo } from 'mongoose';
import type { FailureGroups, GroupSummary } from '../../../application/ports/failures.js';
import type { MessageDocument } from '../schema/documents.js';
import type { MongoConnection } from '../connection/mongo-connection.js';
import type { MongoStore } from '../connection/mongo-store.js';
import { BY_GROUP } from '../schema/schemas.js';

interface Dated {
  readonly at: number;
  readonly id: mongo.ObjectId;
}

interface Counted extends Pick<GroupSummary, 'count' | 'first'> {
  readonly _id: string;
  readonly latest: Dated;
  /** The oldest failure that is not an invalid send; null if there is none. */
  readonly oldest: Dated | null;
}

type Sample = Pick<GroupSummary, 'code' | 'reason'>;

const DATED = { at: '$failure.failedAt', id: '$_id' };
/** Uses only fields of the index, so that the server reads no documents. */
const COUNT = [
  { $match: { 'failure.state': 'unresolved' } },
  {
    $group: {
      _id: '$failure.group.key',
      count: { $sum: 1 },
      first: { $min: '$failure.failedAt' },
      latest: { $max: DATED },
      oldest: { $min: { $cond: [{ $eq: ['$failure.disposition', 'refused'] }, null, DATED] } },
    },
  },
  { $sort: { count: -1, _id: 1 } },
];
const OPTIONS = { hint: BY_GROUP, allowDiskUse: true };

/** Counts the groups. The cursor can also be explained. */
export function countGroups({ messages }: Pick<MongoStore, 'messages'>): mongo.AggregationCursor<Counted> {
  return messages.aggregate<Counted>(COUNT, OPTIONS);
}

export class MongoFailureGroups implements FailureGroups {
  constructor(private readonly connection: MongoConnection) {}

  groups(): Promise<readonly GroupSummary[]> {
    return this.connection.use('reads', async (store) => {
      const counted = await countGroups(store).toArray();
      const samples = await samplesOf(store, counted);
      return counted.flatMap(({ _id: key, latest, oldest, ...rest }) => {
        const sample = samples.get(key);
        const last = { last: latest.at, sample: latest.id.toString(), isRefused: oldest === null };
        const since = oldest && { oldest: { id: oldest.id.toString(), at: oldest.at } };
        // Absent if no failure of the group is left since the count.
        return sample ? { key, ...sample, ...rest, ...last, ...since } : [];
      });
    });
  }
}

async function samplesOf(
  { messages }: MongoStore,
  counted: readonly Counted[],
): Promise<Map<string, Sample>> {
  const projection = { 'failure.code': 1, 'failure.group': 1 };
  const _id = { $in: counted.map(({ latest }) => latest.id) };
  const samples = new Map<string, Sample>();
  for (const found of await messages.find({ _id }, { projection }).toArray()) note(samples, found);
  for (const { _id: key } of counted.filter((group) => !samples.has(group._id))) {
    // The sampled failure has changed its group since the count.
    const other = { 'failure.state': 'unresolved', 'failure.group.key': key } as const;
    const found = await messages.findOne(other, { projection });
    if (found) note(samples, found);
  }
  return samples;
}

function note(samples: Map<string, Sample>, { failure }: MessageDocument): void {
  if (failure) samples.set(failure.group.key, { code: failure.code, reason: failure.group.reason });
}
