import { SCOPES, scopeSet, type ScopeSet } from './scopes.js';

/** The caller of a request with a valid credential. */
export interface Principal {
  /** The client whose messages and inbox are its own. Without one, nothing is. */
  readonly client?: string;
  readonly scopes: ScopeSet;
  readonly credential: Credential;
}

/** What identified the caller. `off`: nothing, because access control is off. */
export interface Credential {
  readonly kind: 'off' | 'admin-key' | 'key' | 'token';
  /** The id of the key, or the issuer of the token. */
  readonly id?: string;
  /** In milliseconds since the epoch. */
  readonly expiresAt?: number;
}

/** The caller of a request without a valid credential, and why it is not valid. */
export interface Stranger {
  readonly credential: 'missing' | 'invalid' | 'expired' | 'revoked';
}

export type Caller = Principal | Stranger;

/** The principal of every request while access control is off. */
export const ANYONE = unlimited('off');

/** The principal of `AUTH_ADMIN_KEY`, with which the first keys are made. */
export const ADMINISTRATOR = unlimited('admin-key');

/** The caller of a request without a credential. */
export const STRANGER: Stranger = Object.freeze({ credential: 'missing' });

function unlimited(kind: Credential['kind']): Principal {
  return Object.freeze({ scopes: scopeSet(SCOPES), credential: Object.freeze({ kind }) });
}

export function isPrincipal(caller: Caller): caller is Principal {
  return 'scopes' in caller;
}

/** Returns the name of a credential, for records of what was done with it. It contains no secret. */
export function credentialName({ kind, id }: Credential): string {
  return id === undefined ? kind : `${kind}:${id}`;
}
