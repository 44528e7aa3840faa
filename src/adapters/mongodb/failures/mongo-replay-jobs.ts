import type { ReplayJobs } from '../../../application/ports/failures.js';
import type { ReplayJob } from '../../../domain/failures/replay-job.js';
import type { ReplayDocument } from '../schema/documents.js';
import { LIMITED, limited } from '../client/limited-reads.js';
import type { MongoConnection } from '../connection/mongo-connection.js';

/**
 * Stores each bulk replay in one document. A change replaces the revision that it read. If another change
 * came first, it is applied again to the new revision.
 */
export class MongoReplayJobs implements ReplayJobs {
  constructor(private readonly connection: MongoConnection) {}

  insert({ id, ...fields }: ReplayJob): Promise<void> {
    return this.connection.use('writes', async ({ replays }) => {
      await replays.insertOne({ ...fields, _id: id, revision: 0 });
    });
  }

  find(id: string): Promise<ReplayJob | undefined> {
    return this.connection.use('reads', async ({ replays }) => {
      const found = await limited(replays.findOne({ _id: id }, LIMITED));
      return found ? toJob(found) : undefined;
    });
  }

  change(id: string, change: (job: ReplayJob) => ReplayJob | undefined): Promise<ReplayJob | undefined> {
    return this.connection.use('writes', async ({ replays }) => {
      for (;;) {
        const found = await replays.findOne({ _id: id });
        const changed = found ? change(toJob(found)) : undefined;
        if (found === null || changed === undefined) return undefined;
        const { id: _id, ...fields } = changed;
        const { revision } = found;
        const written = await replays.replaceOne(
          { _id: id, revision },
          { ...fields, revision: revision + 1 },
        );
        // If this fails, another change has succeeded, so the changes as a whole make progress.
        if (written.matchedCount > 0) return changed;
      }
    });
  }

  running(): Promise<readonly ReplayJob[]> {
    return this.connection.use('reads', async ({ replays }) =>
      (await replays.find({ state: 'running' }).toArray()).map(toJob),
    );
  }
}

function toJob({ _id, revision: _revision, ...fields }: ReplayDocument): ReplayJob {
  return { ...fields, id: _id };
}
