import { ACTIONS } from '../../domain/access/actions.js';
import { newKey, type ApiKey, type KeyOrder } from '../../domain/access/api-key.js';
import type { Denied } from '../../domain/access/decision.js';
import type { Principal } from '../../domain/access/principal.js';
import { DomainError } from '../../domain/errors.js';
import type { Sha256 } from '../../domain/identity.js';
import type { ApiKeys, KeyFilter, KeySource } from '../ports/api-keys.js';
import type { Clock } from '../ports/clock.js';

/** No key has this id. */
export class UnknownKey extends DomainError {
  readonly code = 'unknown-key';

  constructor() {
    super('No key has this id.');
  }
}

/** The caller may not do this with this key, which only a look-up could show. */
export class KeyDenied extends DomainError {
  readonly code: Denied['code'];

  constructor(readonly denied: Denied) {
    super('The credential does not allow this with this key.');
    this.code = denied.code;
  }
}

/** Makes, lists and revokes API keys. Rejects with `DependencyUnavailable`. */
export class ManageKeys {
  constructor(
    private readonly keys: Pick<ApiKeys, 'insert' | 'find' | 'list' | 'revoke'>,
    private readonly source: KeySource,
    private readonly sha256: Sha256,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /**
   * Makes a key that the maker may grant, as the action `createKey` has decided. `text` is the key itself, which cannot
   * be had again. Rejects with `InvalidKeyOrder`.
   */
  async create(order: KeyOrder, maker: Principal): Promise<{ readonly key: ApiKey; readonly text: string }> {
    const made = newKey(order, maker, this.clock.now(), this.source.next(), this.sha256);
    await this.keys.insert(made.key);
    return made;
  }

  list(filter: KeyFilter): Promise<readonly ApiKey[]> {
    return this.keys.list(filter);
  }

  /**
   * Revokes a key; one that is revoked already stays so. The caller needs the right to make the same key. Rejects with
   * `UnknownKey` or `KeyDenied`.
   */
  async revoke(id: string, caller: Principal): Promise<ApiKey> {
    const key = await this.keys.find(id);
    if (key === undefined) throw new UnknownKey();
    const decision = ACTIONS.createKey.decide(caller, key);
    if (!decision.allowed) throw new KeyDenied(decision);
    // A key is never deleted, so it is still there.
    return (await this.keys.revoke(id, this.clock.now())) ?? key;
  }
}
