import type { Identify } from '../../../src/adapters/http/server/identify.js';
import type { Caller } from '../../../src/domain/access/principal.js';
import { ROLES, scopeSet, type Role } from '../../../src/domain/access/scopes.js';

const ofBob = (role: Role): Caller => ({
  client: 'bob',
  scopes: scopeSet(ROLES[role]),
  credential: { kind: 'key', id: role },
});

/** Callers by the token that they send. All but `gateway` are the client bob. */
const CALLERS: Readonly<Record<string, Caller>> = {
  expired: { credential: 'expired' },
  revoked: { credential: 'revoked' },
  client: ofBob('client'),
  operator: ofBob('operator'),
  admin: ofBob('admin'),
  gateway: { client: 'gateway', scopes: scopeSet(['send:*']), credential: { kind: 'key' } },
};

/** Identifies callers by `Authorization: Bearer`, with and without a look-up. */
export const identifyByName: Identify = ({ headers }) => {
  const [, name] = /^Bearer (\w+)$/.exec(headers.authorization ?? '') ?? [];
  if (name === undefined) return { credential: 'missing' };
  const caller = CALLERS[name] ?? { credential: 'invalid' };
  return name === 'operator' || name === 'revoked' ? Promise.resolve(caller) : caller;
};

export const bearer = (name: string): Record<string, string> =>
  name === 'none' ? {} : { authorization: `Bearer ${name}` };
