import { DomainError } from '../errors.js';
import type { Sha256 } from '../identity.js';
import { isClientName } from '../message-rules.js';
import { keyText, type KeyMaterial } from './key-text.js';
import { credentialName, type Caller, type Credential, type Principal } from './principal.js';
import { SCOPES, scopeSet, type Scope } from './scopes.js';

/** A key as it is stored. Only its maker ever sees its text. It never changes, except that it is revoked. */
export interface ApiKey {
  readonly id: string;
  /** The SHA-256 of the whole text, as 64 lower-case hex digits. */
  readonly digest: string;
  readonly client: string;
  readonly scopes: readonly Scope[];
  readonly name?: string;
  /** Times are milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  /** The name of the maker's credential. */
  readonly createdBy: string;
  /** The day of the latest use (UTC, YYYY-MM-DD), as far as it has been written. */
  readonly lastUsedOn?: string;
}

/** What a maker asks for. */
export interface KeyOrder {
  readonly client: string;
  readonly scopes: readonly Scope[];
  readonly name?: string;
  readonly expiresAt?: number;
}

/** A member of the order breaks a rule. */
export class InvalidKeyOrder extends DomainError {
  readonly code = 'invalid-key-order';

  constructor(
    readonly member: keyof KeyOrder,
    readonly detail: string,
  ) {
    super(`The member ${member} ${detail}.`);
  }
}

export const KEY_NAME_MAX_LENGTH = 128;
const DAY_MS = 86_400_000;
const TOKEN_MADE_DAYS = 90;

/**
 * Makes a key. The action `createKey` has checked that the maker may grant it. Without `expiresAt`, the key lasts as long
 * as its maker's credential allows. Throws `InvalidKeyOrder`.
 */
export function newKey(
  { client, scopes, name, expiresAt }: KeyOrder,
  maker: Principal,
  now: number,
  material: KeyMaterial,
  sha256: Sha256,
): { readonly key: ApiKey; readonly text: string } {
  const latest = latestExpiry(maker.credential, now);
  if (!isClientName(client)) throw new InvalidKeyOrder('client', 'must be a client name');
  if (scopes.length === 0) throw new InvalidKeyOrder('scopes', 'must not be empty');
  if (name !== undefined && (name === '' || name.length > KEY_NAME_MAX_LENGTH)) {
    throw new InvalidKeyOrder('name', `must have 1 to ${String(KEY_NAME_MAX_LENGTH)} characters`);
  }
  if (expiresAt !== undefined && !(expiresAt > now)) {
    throw new InvalidKeyOrder('expiresAt', 'must be in the future');
  }
  if (expiresAt !== undefined && latest !== undefined && expiresAt > latest) {
    const limit = new Date(latest).toISOString();
    throw new InvalidKeyOrder('expiresAt', `must not be later than the maker's credential allows, ${limit}`);
  }
  const text = keyText(material);
  const expiry = expiresAt ?? latest;
  const key: ApiKey = {
    id: material.id,
    digest: sha256(text),
    client,
    scopes: SCOPES.filter((scope) => scopes.includes(scope)),
    ...(name !== undefined && { name }),
    createdAt: now,
    ...(expiry !== undefined && { expiresAt: expiry }),
    createdBy: credentialName(maker.credential),
  };
  return { key, text };
}

/** A maker grants access for no longer than it has. A key made with a token, which lasts minutes, may last longer. */
function latestExpiry({ kind, expiresAt }: Credential, now: number): number | undefined {
  return kind === 'token' ? now + TOKEN_MADE_DAYS * DAY_MS : expiresAt;
}

/** Returns the caller of a request with this key. */
export function callerWith({ id, client, scopes, expiresAt, revokedAt }: ApiKey, now: number): Caller {
  if (revokedAt !== undefined) return { credential: 'revoked' };
  if (expiresAt !== undefined && expiresAt <= now) return { credential: 'expired' };
  const credential: Credential = { kind: 'key', id, ...(expiresAt !== undefined && { expiresAt }) };
  return Object.freeze({ client, scopes: scopeSet(scopes), credential });
}

/** Returns the key as it is once it is revoked. A later revocation changes nothing. */
export function revoked(key: ApiKey, at: number): ApiKey {
  return key.revokedAt === undefined ? { ...key, revokedAt: at } : key;
}

/** Returns the key after a use on this day, which may be reported late. */
export function usedOn(key: ApiKey, day: string): ApiKey {
  return key.lastUsedOn === undefined || key.lastUsedOn < day ? { ...key, lastUsedOn: day } : key;
}

/** Compares keys in the order of lists. */
export function inKeyOrder(a: ApiKey, b: ApiKey): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** The day of a use, for `lastUsedOn`. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}
