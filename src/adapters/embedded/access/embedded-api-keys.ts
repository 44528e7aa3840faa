import type { ApiKeys, KeyFilter } from '../../../application/ports/api-keys.js';
import { inKeyOrder, revoked, usedOn, type ApiKey } from '../../../domain/access/api-key.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { readStore } from '../store/read-store.js';

export class EmbeddedApiKeys implements ApiKeys {
  constructor(private readonly store: EmbeddedStore) {}

  insert(key: ApiKey): Promise<void> {
    return this.store.write('store', () => {
      void this.store.tables.apiKeys.put(key.id, key);
    });
  }

  find(id: string): Promise<ApiKey | undefined> {
    return readStore(() => this.store.tables.apiKeys.get(id));
  }

  list({ client, createdBy }: KeyFilter): Promise<readonly ApiKey[]> {
    return readStore(() =>
      [...this.store.tables.apiKeys.getRange()]
        .map(({ value }) => value)
        .filter((key) => (client ?? key.client) === key.client)
        .filter((key) => (createdBy ?? key.createdBy) === key.createdBy)
        .sort(inKeyOrder),
    );
  }

  revoke(id: string, at: number): Promise<ApiKey | undefined> {
    return this.change(id, (key) => revoked(key, at));
  }

  async markUsed(id: string, day: string): Promise<void> {
    await this.change(id, (key) => usedOn(key, day));
  }

  private change(id: string, change: (key: ApiKey) => ApiKey): Promise<ApiKey | undefined> {
    const { apiKeys } = this.store.tables;
    return this.store.write('store', () => {
      const key = apiKeys.get(id);
      const changed = key && change(key);
      if (changed && changed !== key) void apiKeys.put(id, changed);
      return changed;
    });
  }
}
