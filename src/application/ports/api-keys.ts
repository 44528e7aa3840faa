import type { ApiKey } from '../../domain/access/api-key.js';
import type { KeyMaterial } from '../../domain/access/key-text.js';

/** Without a member, keys of any client or maker. */
export interface KeyFilter {
  readonly client?: string;
  /** The name of a credential. */
  readonly createdBy?: string;
}

/**
 * Stores API keys. A call sees everything that calls which have resolved before it wrote, in any process. All methods
 * reject with `DependencyUnavailable`; `find` also with `QueryTooSlow`.
 *
 * `insert` and `revoke` resolve when the change is durable. `list` is in the order of (createdAt, id).
 *
 * `revoke` sets `revokedAt` unless the key is revoked already, and returns the key; undefined if there is none with this
 * id. Concurrent calls return the same time.
 *
 * `markUsed` moves `lastUsedOn` forward to the day, never back. It ignores unknown ids and changes nothing else, also of
 * a key that is revoked at the same time.
 */
export interface ApiKeys {
  insert(key: ApiKey): Promise<void>;
  find(id: string): Promise<ApiKey | undefined>;
  list(filter: KeyFilter): Promise<readonly ApiKey[]>;
  revoke(id: string, at: number): Promise<ApiKey | undefined>;
  markUsed(id: string, day: string): Promise<void>;
}

/** Generates the ids and secrets of keys, unguessable and unique across processes. */
export interface KeySource {
  next(): KeyMaterial;
}
