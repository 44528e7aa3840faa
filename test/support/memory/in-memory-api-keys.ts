import type { ApiKeys, KeyFilter } from '../../../src/application/ports/api-keys.js';
import { inKeyOrder, revoked, usedOn, type ApiKey } from '../../../src/domain/access/api-key.js';

/** API keys in a map. */
export class InMemoryApiKeys implements ApiKeys {
  private readonly keys = new Map<string, ApiKey>();

  insert(key: ApiKey): Promise<void> {
    this.keys.set(key.id, key);
    return Promise.resolve();
  }

  find(id: string): Promise<ApiKey | undefined> {
    return Promise.resolve(this.keys.get(id));
  }

  list({ client, createdBy }: KeyFilter): Promise<readonly ApiKey[]> {
    const matching = [...this.keys.values()].filter(
      (key) => (client ?? key.client) === key.client && (createdBy ?? key.createdBy) === key.createdBy,
    );
    return Promise.resolve(matching.sort(inKeyOrder));
  }

  revoke(id: string, at: number): Promise<ApiKey | undefined> {
    return Promise.resolve(this.change(id, (key) => revoked(key, at)));
  }

  markUsed(id: string, day: string): Promise<void> {
    this.change(id, (key) => usedOn(key, day));
    return Promise.resolve();
  }

  private change(id: string, change: (key: ApiKey) => ApiKey): ApiKey | undefined {
    const key = this.keys.get(id);
    if (key === undefined) return undefined;
    const changed = change(key);
    this.keys.set(id, changed);
    return changed;
  }
}
