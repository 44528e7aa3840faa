import { expect } from 'chai';
import fc from 'fast-check';
import { ACTIONS } from '../../../../src/domain/access/actions.js';
import { ADMINISTRATOR, type Principal } from '../../../../src/domain/access/principal.js';
import { hasScope, ROLES, SCOPES, scopeSet, type Scope } from '../../../../src/domain/access/scopes.js';

const maker = (scopes: readonly Scope[], client?: string): Principal => ({
  ...(client !== undefined && { client }),
  ...{ scopes: scopeSet(scopes), credential: { kind: 'key' } as const },
});

/** The scope that the maker lacks; `ok` if it may make the key. */
function lack(by: Principal, client: string, scopes: readonly Scope[]): string {
  const decision = ACTIONS.createKey.decide(by, { client, scopes });
  if (decision.allowed) return 'ok';
  return decision.code === 'insufficient-scope' ? decision.scope : decision.code;
}

describe('The maker of a key', () => {
  const bob = maker(['keys:manage', 'send', 'inbox'], 'bob');
  const cases: readonly (readonly [string, Principal, string, readonly Scope[], string])[] = [
    ['grants its own client what it can do', bob, 'bob', ['send', 'inbox'], 'ok'],
    ['cannot let another client send', bob, 'eve', ['send'], 'send:*'],
    ['cannot let another client read its inbox', bob, 'eve', ['inbox'], 'inbox:*'],
    ['cannot grant a wide scope that it lacks', bob, 'bob', ['inbox:*'], 'inbox:*'],
    ['cannot grant another scope that it lacks', bob, 'bob', ['metrics'], 'metrics'],
    ['needs the right to make keys at all', maker(['send'], 'bob'), 'bob', ['send'], 'keys:manage'],
    ['may pass on the right to make keys', bob, 'bob', ['keys:manage'], 'ok'],
    [
      'grants any client its role with both wide scopes',
      maker(['keys:manage', 'send:*', 'inbox:*']),
      'eve',
      ROLES.client,
      'ok',
    ],
    [
      'grants a scope that one of its own includes',
      maker(['keys:manage', 'failures:replay']),
      'eve',
      ['failures:read'],
      'ok',
    ],
    ['grants everything as the administrator', ADMINISTRATOR, 'eve', SCOPES, 'ok'],
    [
      'cannot grant its role without a client',
      maker(['keys:manage', ...ROLES.client]),
      'bob',
      ['send'],
      'send:*',
    ],
  ];
  for (const [title, by, client, scopes, expected] of cases) {
    it(title, () => {
      expect(lack(by, client, scopes)).to.equal(expected);
    });
  }

  it('never grants more than it can do', () => {
    const name = fc.constantFrom('bob', 'eve');
    const some = fc.subarray([...SCOPES]);
    fc.assert(
      fc.property(some, name, some, name, (own, ownClient, scopes, client) => {
        const by = maker(own, ownClient);
        if (lack(by, client, scopes) !== 'ok') return;
        const made = maker(scopes, client);
        for (const scope of SCOPES)
          if (hasScope(made.scopes, scope)) expect(hasScope(by.scopes, scope)).to.equal(true);
        for (const inbox of ['bob', 'eve']) {
          for (const action of [ACTIONS.readInbox, ACTIONS.markRead]) {
            if (action.decide(made, { client: inbox }).allowed)
              expect(action.decide(by, { client: inbox }).allowed).to.equal(true);
          }
          const content = { from: inbox };
          if (ACTIONS.sendMessage.decide(made, { content }).allowed)
            expect(ACTIONS.sendMessage.decide(by, { content }).allowed).to.equal(true);
        }
      }),
    );
  });
});
