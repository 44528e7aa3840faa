import type { Stranger } from './principal.js';
import type { Scope } from './scopes.js';

/** `grant` says what the use case may do or show; an action that is allowed as a whole has none. */
export interface Allowed<Grant> {
  readonly allowed: true;
  readonly grant: Grant;
}

/** The stable code of a refusal. `scope` is the narrowest scope that would allow the action. */
export type Denied = { readonly allowed: false } & (
  | { readonly code: `credential-${'required' | Exclude<Stranger['credential'], 'missing'>}` }
  | { readonly code: 'insufficient-scope'; readonly scope: Scope }
  | { readonly code: 'sender-mismatch' }
);

export type Decision<Grant> = Allowed<Grant> | Denied;

export const ALLOWED: Allowed<undefined> = Object.freeze({ allowed: true, grant: undefined });

export const SENDER_MISMATCH: Denied = Object.freeze({ allowed: false, code: 'sender-mismatch' });

export function lacking(scope: Scope): Denied {
  return { allowed: false, code: 'insufficient-scope', scope };
}

export function unidentified({ credential }: Stranger): Denied {
  const what = credential === 'missing' ? 'required' : credential;
  return { allowed: false, code: `credential-${what}` };
}
