import { expect } from 'chai';
import fc from 'fast-check';
import { ACTIONS, type Action } from '../../../../src/domain/access/actions.js';
import { maySendAs, sees, withSender, type View } from '../../../../src/domain/access/grants.js';
import type { Principal } from '../../../../src/domain/access/principal.js';
import { SCOPES, scopeSet, type Scope } from '../../../../src/domain/access/scopes.js';

/** Scopes that reach beyond what belongs to the credential's client. */
const WIDE: readonly Scope[] = [
  ...(['send:*', 'inbox:*', 'messages:read'] as const),
  ...(['failures:read', 'failures:replay', 'failures:discard', 'failures:edit'] as const),
];
const NARROW = SCOPES.filter((scope) => !WIDE.includes(scope));

const name = fc.constantFrom('bob', 'Bob', 'eve', 'constructor', '__proto__');
const principal = (scopes: readonly Scope[]): fc.Arbitrary<Principal & { list: Scope[] }> =>
  fc
    .record({ client: fc.option(name, { nil: undefined }), list: fc.subarray([...scopes]) })
    .map(({ client, list }) => ({
      ...(client !== undefined && { client }),
      ...{ scopes: scopeSet(list), credential: { kind: 'key' } as const, list },
    }));
const row = fc.record({ from: name, to: name, stored: fc.boolean() });
const from: fc.Arbitrary<unknown> = fc.oneof(name, fc.constantFrom(undefined, null, '', 7, ['bob']));

const VIEWS: readonly Action<unknown, View>[] = [ACTIONS.readMessages, ACTIONS.readFailures];
const INBOXES = [ACTIONS.readInbox, ACTIONS.markRead];
const OTHERS_ROWS: readonly Action[] = [
  ...[ACTIONS.readFailureGroups, ACTIONS.discardFailure],
  ...[ACTIONS.beginReplays, ACTIONS.readReplays, ACTIONS.cancelReplays],
];

describe('Without a wide scope', () => {
  it('a caller sees no row that is not its own', () => {
    fc.assert(
      fc.property(principal(NARROW), row, (caller, { from, to, stored }) => {
        for (const action of VIEWS) {
          const decision = action.decide(caller, undefined);
          if (!decision.allowed || !sees(decision.grant, { from, to, stored })) continue;
          const sentIt = from === caller.client && caller.list.includes('send');
          const gotIt = to === caller.client && stored && caller.list.includes('inbox');
          expect(sentIt || gotIt).to.equal(true);
          expect(decision.grant.acts).to.equal(false);
        }
      }),
    );
  });

  it('a caller sees every row of its own that its scopes are for', () => {
    fc.assert(
      fc.property(principal(NARROW), row, (caller, { from, to, stored }) => {
        const decision = ACTIONS.readMessages.decide(caller, undefined);
        const sentIt = from === caller.client && caller.list.includes('send');
        const gotIt = to === caller.client && stored && caller.list.includes('inbox');
        expect(decision.allowed && sees(decision.grant, { from, to, stored })).to.equal(sentIt || gotIt);
      }),
    );
  });

  it('a caller neither reads nor marks an inbox that is not its own', () => {
    fc.assert(
      fc.property(principal(NARROW), name, (caller, client) => {
        for (const action of INBOXES) {
          const { allowed } = action.decide(caller, { client });
          expect(allowed).to.equal(client === caller.client && caller.list.includes('inbox'));
        }
      }),
    );
  });

  it('a caller sends only as itself', () => {
    fc.assert(
      fc.property(principal(NARROW), from, (caller, given) => {
        const content = given === undefined ? {} : { from: given };
        const decision = ACTIONS.sendMessage.decide(caller, { content });
        if (!decision.allowed) return;
        expect(withSender({ content }, decision.grant).content).to.deep.equal({ from: caller.client });
        const batch = ACTIONS.sendMessages.decide(caller, undefined);
        expect(batch.allowed && maySendAs(batch.grant, given)).to.equal(true);
      }),
    );
  });

  it('a caller does nothing with the failures of others', () => {
    fc.assert(
      fc.property(principal(NARROW), fc.constantFrom(undefined, {}), (caller, changes) => {
        for (const action of OTHERS_ROWS) expect(action.decide(caller, undefined).allowed).to.equal(false);
        expect(ACTIONS.replayFailure.decide(caller, { changes }).allowed).to.equal(false);
      }),
    );
  });
});

describe('A further scope', () => {
  it('takes nothing away', () => {
    fc.assert(
      fc.property(principal(SCOPES), fc.constantFrom(...SCOPES), row, name, (caller, scope, some, client) => {
        const more = { ...caller, scopes: caller.scopes | scopeSet([scope]) };
        const values = { client, content: { from: client }, scopes: [scope] };
        for (const changes of [undefined, {}]) {
          for (const action of Object.values<Action<typeof values & { changes: object | undefined }>>(
            ACTIONS,
          )) {
            const [before, after] = [caller, more].map((each) => action.decide(each, { ...values, changes }));
            if (before?.allowed) expect(after?.allowed).to.equal(true);
          }
        }
        for (const action of VIEWS) {
          const [less, wider] = [action.decide(caller, undefined), action.decide(more, undefined)];
          if (!less.allowed || !sees(less.grant, some)) continue;
          expect(wider.allowed && sees(wider.grant, some)).to.equal(true);
          if (wider.allowed && less.grant.acts) expect(wider.grant.acts).to.equal(true);
        }
      }),
    );
  });
});
