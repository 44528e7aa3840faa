import type { FailedReplays, UnnotifiedReplay } from '../../../application/ports/failures.js';
import { toFailed } from '../schema/documents.js';
import type { MongoConnection } from '../connection/mongo-connection.js';

/** Leaves out the records' values, which may be large. */
const FIELDS = {
  ...{ 'failure.code': 1, 'failure.group': 1, 'failure.failures': 1, 'failure.state': 1 },
} as const;

export class MongoFailedReplays implements FailedReplays {
  constructor(private readonly connection: MongoConnection) {}

  unnotified(limit: number): Promise<readonly UnnotifiedReplay[]> {
    if (limit <= 0) return Promise.resolve([]);
    return this.connection.use('reads', async ({ messages }) => {
      const unnotified = { 'failure.alert': 'replay-failed' } as const;
      const found = await messages.find(unnotified, { projection: FIELDS, limit }).toArray();
      return found.flatMap((document) => toFailed(document) ?? []);
    });
  }
}
