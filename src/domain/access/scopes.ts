/**
 * What a credential allows. `send:*` and `inbox:*` are for any client, `send` and `inbox` only for the credential's
 * own. A scope that includes another one has its bit too, so a decision on the hot path is one test of a number.
 */
const BITS = Object.freeze({
  send: 0b1,
  'send:*': 0b11,
  inbox: 0b100,
  'inbox:*': 0b1100,
  'messages:read': 1 << 4,
  'failures:read': 1 << 5,
  'failures:replay': (1 << 6) | (1 << 5),
  'failures:discard': (1 << 7) | (1 << 5),
  'failures:edit': (1 << 8) | (1 << 5),
  'keys:manage': 1 << 9,
  'audit:read': 1 << 10,
  metrics: 1 << 11,
});

export type Scope = keyof typeof BITS;

/** A set of scopes, as their bits. */
export type ScopeSet = number;

// `Object.keys` returns the keys of the constant, which TypeScript widens to string.
export const SCOPES: readonly Scope[] = Object.freeze(Object.keys(BITS) as Scope[]);

export function scopeSet(scopes: readonly Scope[]): ScopeSet {
  return scopes.reduce((set, scope) => set | BITS[scope], 0);
}

export function hasScope(set: ScopeSet, scope: Scope): boolean {
  return (set & BITS[scope]) === BITS[scope];
}

export type Role = 'client' | 'operator' | 'admin';

/** The scopes that a role stands for. `operator` cannot correct: a correction puts words into any sender's mouth. */
export const ROLES: Readonly<Record<Role, readonly Scope[]>> = Object.freeze({
  client: ['send', 'inbox'],
  operator: ['messages:read', 'failures:read', 'failures:replay', 'failures:discard', 'metrics'],
  admin: SCOPES,
});
