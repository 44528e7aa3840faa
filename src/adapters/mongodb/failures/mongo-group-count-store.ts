import { mongo } from 'mongoose';
import {
  NO_COUNTING_LEASE,
  type CountingLease,
  type GroupCounts,
  type GroupCountStore,
} from '../../../application/ports/failures.js';
import { COUNTS_VERSION, GROUP_COUNTS_ID, type GroupCountsDocument } from '../schema/documents.js';
import { LIMITED, limited } from '../client/limited-reads.js';
import type { MongoConnection } from '../connection/mongo-connection.js';

type Collection = mongo.Collection<GroupCountsDocument>;

const DUPLICATE_KEY = 11_000;
const ONLY = { _id: GROUP_COUNTS_ID } as const;
/** Leaves out the groups, which may take a megabyte. */
const LEASE = { projection: { term: 1, until: 1, 'counts.term': 1 } };

/** Stores the counts and the lease in one document, so that storing counts releases the lease in the same step. */
export class MongoGroupCountStore implements GroupCountStore {
  constructor(private readonly connection: MongoConnection) {}

  last(): Promise<GroupCounts | undefined> {
    return this.connection.use('reads', async ({ groupCounts }) => {
      const found = await limited(groupCounts.findOne(ONLY, { ...LIMITED, projection: { counts: 1 } }));
      return found?.counts?.version === COUNTS_VERSION ? found.counts.value : undefined;
    });
  }

  changeLease(
    change: (lease: CountingLease) => CountingLease | undefined,
  ): Promise<CountingLease | undefined> {
    return this.connection.use('writes', async ({ groupCounts }) => {
      for (;;) {
        const found = await groupCounts.findOne(ONLY, LEASE);
        const lease = found ? toLease(found) : NO_COUNTING_LEASE;
        const changed = change(lease);
        // If this fails, another change has succeeded, so the changes as a whole make progress.
        if (changed === undefined || (await replace(groupCounts, found ? lease : undefined, changed)))
          return changed;
      }
    });
  }

  put(value: GroupCounts, term: number): Promise<boolean> {
    return this.connection.use('writes', async ({ groupCounts }) => {
      const counts = { version: COUNTS_VERSION, term, value };
      const { matchedCount } = await groupCounts.updateOne({ ...ONLY, term }, { $set: { until: 0, counts } });
      return matchedCount > 0;
    });
  }
}

async function replace(
  groupCounts: Collection,
  from: CountingLease | undefined,
  { term, until }: CountingLease,
): Promise<boolean> {
  if (from !== undefined) {
    const unchanged = { ...ONLY, term: from.term, until: from.until };
    const { matchedCount } = await groupCounts.updateOne(unchanged, { $set: { term, until } });
    return matchedCount > 0;
  }
  try {
    await groupCounts.insertOne({ ...ONLY, term, until });
    return true;
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY) return false;
    throw error;
  }
}

function toLease({
  term,
  until,
  counts,
}: Pick<GroupCountsDocument, 'term' | 'until' | 'counts'>): CountingLease {
  return { term, until, counted: counts?.term ?? 0 };
}
