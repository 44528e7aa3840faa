import { expect } from 'chai';
import { ACTIONS, type Action } from '../../../../src/domain/access/actions.js';
import type { Sender, View } from '../../../../src/domain/access/grants.js';
import { ANYONE, type Caller, type Principal } from '../../../../src/domain/access/principal.js';
import { ROLES, SCOPES, scopeSet, type Scope } from '../../../../src/domain/access/scopes.js';

const bob = (scopes: readonly Scope[]): Caller => ({
  client: 'bob',
  scopes: scopeSet(scopes),
  credential: { kind: 'key' },
});

/** The callers, in the order of the columns. All but `off` are the client bob. */
const CALLERS: Readonly<Record<string, Caller>> = {
  none: { credential: 'missing' },
  bad: { credential: 'invalid' },
  expired: { credential: 'expired' },
  revoked: { credential: 'revoked' },
  off: ANYONE,
  ...Object.fromEntries(Object.entries(ROLES).map(([role, scopes]) => [role, bob(scopes)])),
  ...Object.fromEntries(SCOPES.map((scope) => [scope, bob([scope])])),
};

const CODES: Readonly<Record<string, string>> = {
  none: 'credential-required',
  bad: 'credential-invalid',
  expired: 'credential-expired',
  revoked: 'credential-revoked',
};

/**
 * What each caller may do, written by hand. `ok`: all of it. `401`, `403`: refused; `not-me`: for another sender.
 * `me`: only as oneself. Of lists, `sent`, `got` and `both` are one's own rows, `rows` are all rows, and `all` are all
 * rows with who acted on them.
 */
const MATRIX = `
request           | none bad expired revoked | off client operator admin | send   send:* inbox inbox:* messages:read failures:read failures:replay failures:discard failures:edit keys:manage audit:read metrics
health            | ok   ok  ok      ok      | ok  ok     ok       ok    | ok     ok     ok    ok      ok            ok            ok              ok               ok            ok          ok         ok
metrics           | 401  401 401     401     | ok  403    ok       ok    | 403    403    403   403     403           403           403             403              403           403         403        ok
send, no from     | 401  401 401     401     | ok  me     403      ok    | me     ok     403   403     403           403           403             403              403           403         403        403
send as bob       | 401  401 401     401     | ok  me     403      ok    | me     ok     403   403     403           403           403             403              403           403         403        403
send as eve       | 401  401 401     401     | ok  not-me 403      ok    | not-me ok     403   403     403           403           403             403              403           403         403        403
send as null      | 401  401 401     401     | ok  not-me 403      ok    | not-me ok     403   403     403           403           403             403              403           403         403        403
send as ''        | 401  401 401     401     | ok  not-me 403      ok    | not-me ok     403   403     403           403           403             403              403           403         403        403
send as [bob]     | 401  401 401     401     | ok  not-me 403      ok    | not-me ok     403   403     403           403           403             403              403           403         403        403
send a batch      | 401  401 401     401     | ok  me     403      ok    | me     ok     403   403     403           403           403             403              403           403         403        403
bob's inbox       | 401  401 401     401     | ok  ok     ok       ok    | 403    403    ok    ok      ok            403           403             403              403           403         403        403
eve's inbox       | 401  401 401     401     | ok  403    ok       ok    | 403    403    403   ok      ok            403           403             403              403           403         403        403
BOB's inbox       | 401  401 401     401     | ok  403    ok       ok    | 403    403    403   ok      ok            403           403             403              403           403         403        403
mark bob's inbox  | 401  401 401     401     | ok  ok     403      ok    | 403    403    ok    ok      403           403           403             403              403           403         403        403
mark eve's inbox  | 401  401 401     401     | ok  403    403      ok    | 403    403    403   ok      403           403           403             403              403           403         403        403
messages          | 401  401 401     401     | all both   all      all   | sent   sent   got   got     rows          403           403             403              403           403         403        403
failures          | 401  401 401     401     | all sent   all      all   | sent   sent   403   403     403           all           all             all              all           403         403        403
failure groups    | 401  401 401     401     | ok  403    ok       ok    | 403    403    403   403     403           ok            ok              ok               ok            403         403        403
replay            | 401  401 401     401     | ok  403    ok       ok    | 403    403    403   403     403           403           ok              403              403           403         403        403
correct           | 401  401 401     401     | ok  403    403      ok    | 403    403    403   403     403           403           403             403              ok            403         403        403
discard           | 401  401 401     401     | ok  403    ok       ok    | 403    403    403   403     403           403           403             ok               403           403         403        403
begin replays     | 401  401 401     401     | ok  403    ok       ok    | 403    403    403   403     403           403           ok              403              403           403         403        403
read replays      | 401  401 401     401     | ok  403    ok       ok    | 403    403    403   403     403           ok            ok              ok               ok            403         403        403
cancel replays    | 401  401 401     401     | ok  403    ok       ok    | 403    403    403   403     403           403           ok              403              403           403         403        403
key to manage     | 401  401 401     401     | ok  403    403      ok    | 403    403    403   403     403           403           403             403              403           ok          403        403
bob's send key    | 401  401 401     401     | ok  403    403      ok    | 403    403    403   403     403           403           403             403              403           403         403        403
read keys         | 401  401 401     401     | ok  403    403      ok    | 403    403    403   403     403           403           403             403              403           ok          403        403
revoke a key      | 401  401 401     401     | ok  403    403      ok    | 403    403    403   403     403           403           403             403              403           ok          403        403
`;

const [HEAD = [], ...ROWS] = MATRIX.trim()
  .split('\n')
  .map((line) => {
    const [request = '', ...columns] = line.split('|');
    return [request.trim(), ...columns.join(' ').trim().split(/\s+/)];
  });

type Ask = (caller: Caller) => string;

function asking<V>(action: Action<V, View | Sender | Principal | undefined>, values: V): Ask {
  return (caller) => {
    const decision = action.decide(caller, values);
    if (decision.allowed) return nameOf(decision.grant);
    if (decision.code === 'sender-mismatch') return 'not-me';
    return decision.code === 'insufficient-scope' ? '403' : decision.code;
  };
}

function nameOf(grant: View | Sender | Principal | undefined): string {
  if (grant === undefined || 'scopes' in grant) return 'ok';
  if (!('acts' in grant)) return grant.only === undefined ? 'ok' : 'me';
  const { own, acts } = grant;
  if (own === undefined) return acts ? 'all' : 'rows';
  expect([own.client, acts]).to.deep.equal(['bob', false]);
  if (own.sent && own.received) return 'both';
  return own.sent ? 'sent' : 'got';
}

const sending = (from?: unknown): Ask =>
  asking(ACTIONS.sendMessage, { content: from === undefined ? {} : { from } });

const REQUESTS: Readonly<Record<string, Ask>> = {
  health: asking(ACTIONS.readHealth, undefined),
  metrics: asking(ACTIONS.readMetrics, undefined),
  'send, no from': sending(),
  'send as bob': sending('bob'),
  'send as eve': sending('eve'),
  'send as null': sending(null),
  "send as ''": sending(''),
  'send as [bob]': sending(['bob']),
  'send a batch': asking(ACTIONS.sendMessages, undefined),
  "bob's inbox": asking(ACTIONS.readInbox, { client: 'bob' }),
  "eve's inbox": asking(ACTIONS.readInbox, { client: 'eve' }),
  "BOB's inbox": asking(ACTIONS.readInbox, { client: 'BOB' }),
  "mark bob's inbox": asking(ACTIONS.markRead, { client: 'bob' }),
  "mark eve's inbox": asking(ACTIONS.markRead, { client: 'eve' }),
  messages: asking(ACTIONS.readMessages, undefined),
  failures: asking(ACTIONS.readFailures, undefined),
  'failure groups': asking(ACTIONS.readFailureGroups, undefined),
  replay: asking(ACTIONS.replayFailure, { changes: undefined }),
  correct: asking(ACTIONS.replayFailure, { changes: { message: 'other' } }),
  discard: asking(ACTIONS.discardFailure, undefined),
  'begin replays': asking(ACTIONS.beginReplays, undefined),
  'read replays': asking(ACTIONS.readReplays, undefined),
  'cancel replays': asking(ACTIONS.cancelReplays, undefined),
  'key to manage': asking(ACTIONS.createKey, { client: 'eve', scopes: ['keys:manage'] }),
  "bob's send key": asking(ACTIONS.createKey, { client: 'bob', scopes: ['send'] }),
  'read keys': asking(ACTIONS.readKeys, undefined),
  'revoke a key': asking(ACTIONS.revokeKey, undefined),
};

describe('The decision about access', () => {
  it('is tested for each request and each caller', () => {
    expect(HEAD.slice(1)).to.have.members(Object.keys(CALLERS));
    expect(ROWS.map(([request]) => request)).to.have.members(Object.keys(REQUESTS));
    for (const row of ROWS) expect(row, row[0]).to.have.lengthOf(HEAD.length);
  });

  for (const [request = '', ...cells] of ROWS) {
    it(`is what the matrix says for: ${request}`, () => {
      const ask = REQUESTS[request];
      const given = HEAD.slice(1).map((name) => [name, ask?.(CALLERS[name] as Caller)]);
      const expected = HEAD.slice(1).map((name, at) => {
        const cell = cells[at];
        return [name, cell === '401' ? CODES[name] : cell];
      });
      expect(given).to.deep.equal(expected);
    });
  }

  it('names the narrowest scope that would be enough', () => {
    const scopeFor = <V>(action: Action<V>, values: V, caller = bob([])): unknown => {
      const decision = action.decide(caller, values);
      return decision.allowed || decision.code !== 'insufficient-scope' ? undefined : decision.scope;
    };
    expect([
      scopeFor(ACTIONS.sendMessage, { content: {} }),
      scopeFor(
        ACTIONS.sendMessage,
        { content: {} },
        { scopes: scopeSet(['send']), credential: { kind: 'key' } },
      ),
      scopeFor(ACTIONS.readInbox, { client: 'bob' }),
      scopeFor(ACTIONS.readInbox, { client: 'eve' }, bob(['inbox'])),
      scopeFor(ACTIONS.readMessages, undefined),
      scopeFor(ACTIONS.readFailures, undefined),
      scopeFor(ACTIONS.replayFailure, { changes: {} }, bob(ROLES.operator)),
    ]).to.deep.equal([
      ...['send', 'send:*', 'inbox', 'inbox:*'],
      ...['messages:read', 'failures:read', 'failures:edit'],
    ]);
  });
});
