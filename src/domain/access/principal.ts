import { SCOPES, scopeSet, type ScopeSet } from './scopes.js';

/** The caller of a request with a valid credential. */
export interface Principal {
  /** The client whose messages and inbox are its own. Without one, nothing is. */
  readonly client?: string;
  readonly scopes: ScopeSet;
  /** Names the credential. Never the secret. */
  readonly credential: string;
}

/** The caller of a request without a valid credential, and why it is not valid. */
export interface Stranger {
  readonly credential: 'missing' | 'invalid' | 'expired' | 'revoked';
}

export type Caller = Principal | Stranger;

/** The principal of every request while access control is off. */
export const ANYONE: Principal = Object.freeze({ scopes: scopeSet(SCOPES), credential: 'off' });

/** The caller of a request without a credential. */
export const STRANGER: Stranger = Object.freeze({ credential: 'missing' });

export function isPrincipal(caller: Caller): caller is Principal {
  return 'scopes' in caller;
}
