import type { ApiKeys, KeyFilter } from '../../../application/ports/api-keys.js';
import type { ApiKey } from '../../../domain/access/api-key.js';
import { LIMITED, limited } from '../client/limited-reads.js';
import type { MongoConnection } from '../connection/mongo-connection.js';
import type { ApiKeyDocument } from '../schema/documents.js';

export class MongoApiKeys implements ApiKeys {
  constructor(private readonly connection: MongoConnection) {}

  insert({ id, ...fields }: ApiKey): Promise<void> {
    return this.connection.use('writes', async ({ apiKeys }) => {
      await apiKeys.insertOne({ ...fields, _id: id });
    });
  }

  find(id: string): Promise<ApiKey | undefined> {
    return this.connection.use('reads', async ({ apiKeys }) => {
      const found = await limited(apiKeys.findOne({ _id: id }, LIMITED));
      return found ? toKey(found) : undefined;
    });
  }

  list(filter: KeyFilter): Promise<readonly ApiKey[]> {
    return this.connection.use('reads', async ({ apiKeys }) => {
      const found = await apiKeys.find(filter).sort({ createdAt: 1, _id: 1 }).toArray();
      return found.map(toKey);
    });
  }

  revoke(id: string, at: number): Promise<ApiKey | undefined> {
    return this.connection.use('writes', async ({ apiKeys }) => {
      const unlessRevoked = [{ $set: { revokedAt: { $ifNull: ['$revokedAt', at] } } }];
      const found = await apiKeys.findOneAndUpdate({ _id: id }, unlessRevoked, { returnDocument: 'after' });
      return found ? toKey(found) : undefined;
    });
  }

  markUsed(id: string, day: string): Promise<void> {
    return this.connection.use('writes', async ({ apiKeys }) => {
      await apiKeys.updateOne({ _id: id }, { $max: { lastUsedOn: day } });
    });
  }
}

function toKey({ _id, ...fields }: ApiKeyDocument): ApiKey {
  return { ...fields, id: _id };
}
