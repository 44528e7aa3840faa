import { ALLOWED, lacking, SENDER_MISMATCH, unidentified, type Decision } from './decision.js';
import { maySendAs, type Send, type Sender, type View } from './grants.js';
import { isPrincipal, type Caller, type Principal } from './principal.js';
import { hasScope, type Scope } from './scopes.js';

/**
 * What a route lets its callers do. `decide` gets the values that the use case gets, never the URL. It is pure, so its
 * answer cannot depend on whether something exists.
 */
export interface Action<Values = unknown, Grant = unknown> {
  /** False if any caller may do it, with or without a valid credential. */
  readonly needsCredential: boolean;
  readonly decide: (caller: Caller, values: Values) => Decision<Grant>;
}

/** The members of the parsed values that the decisions depend on. */
interface OfClient {
  readonly client: string;
}
interface Key extends OfClient {
  readonly scopes: readonly Scope[];
}
interface Replay {
  /** Present if the message is to be sent with other content. */
  readonly changes?: object | undefined;
}

const ANY_SENDER: Decision<Sender> = Object.freeze({ allowed: true, grant: Object.freeze({}) });

export const ACTIONS = {
  readHealth: open(),
  readMetrics: needing('metrics'),

  sendMessage: action(({ content }: Send, caller) => {
    const decision = senderFor(caller);
    return decision.allowed && !maySendAs(decision.grant, content.from) ? SENDER_MISMATCH : decision;
  }),
  /** The route checks each message against the grant, so that one mismatch does not refuse the whole batch. */
  sendMessages: action((_: unknown, caller) => senderFor(caller)),

  readInbox: action(({ client }: OfClient, caller) =>
    hasScope(caller.scopes, 'messages:read') ? ALLOWED : inboxOf(client, caller),
  ),
  /** Not with `messages:read`: moving the read position hides messages from the client's own programs. */
  markRead: action(({ client }: OfClient, caller) => inboxOf(client, caller)),

  readMessages: action((_: unknown, caller) => messageView(caller)),
  readFailures: action((_: unknown, caller) => failureView(caller)),
  readFailureGroups: needing('failures:read'),
  replayFailure: action(({ changes }: Replay, caller) =>
    required(caller, changes === undefined ? 'failures:replay' : 'failures:edit'),
  ),
  discardFailure: needing('failures:discard'),
  beginReplays: needing('failures:replay'),
  readReplays: needing('failures:read'),
  cancelReplays: needing('failures:replay'),

  createKey: action((key: Key, maker) => permitted(maker, missingFor(key, maker))),
  readKeys: needing('keys:manage'),
  /** The use case looks up the key, and then asks `createKey`: revoking needs the right to make the same key. */
  revokeKey: action((_: unknown, caller) => permitted(caller, missingIn(caller, 'keys:manage'))),
};

function action<Values, Grant>(
  rule: (values: Values, caller: Principal) => Decision<Grant>,
): Action<Values, Grant> {
  return {
    needsCredential: true,
    decide: (caller, values) => (isPrincipal(caller) ? rule(values, caller) : unidentified(caller)),
  };
}

function needing(scope: Scope): Action<unknown, undefined> {
  return action((_, caller) => required(caller, scope));
}

function open(): Action<unknown, undefined> {
  return { needsCredential: false, decide: () => ALLOWED };
}

function required({ scopes }: Principal, scope: Scope): Decision<undefined> {
  return hasScope(scopes, scope) ? ALLOWED : lacking(scope);
}

function missingIn({ scopes }: Principal, ...needed: readonly Scope[]): Scope | undefined {
  return needed.find((scope) => !hasScope(scopes, scope));
}

/** A maker grants only what it can do. `send` and `inbox` of another client are more than its own. */
function missingFor({ client, scopes }: Key, maker: Principal): Scope | undefined {
  const needed = scopes.map((scope) =>
    client !== maker.client && (scope === 'send' || scope === 'inbox') ? (`${scope}:*` as const) : scope,
  );
  return missingIn(maker, 'keys:manage', ...needed);
}

function permitted(caller: Principal, missing: Scope | undefined): Decision<Principal> {
  return missing === undefined ? { allowed: true, grant: caller } : lacking(missing);
}

function senderFor({ client, scopes }: Principal): Decision<Sender> {
  if (hasScope(scopes, 'send:*')) return ANY_SENDER;
  if (!hasScope(scopes, 'send')) return lacking('send');
  return client === undefined ? lacking('send:*') : { allowed: true, grant: { only: client } };
}

function inboxOf(owner: string, { client, scopes }: Principal): Decision<undefined> {
  if (hasScope(scopes, 'inbox:*')) return ALLOWED;
  if (owner !== client) return lacking('inbox:*');
  return hasScope(scopes, 'inbox') ? ALLOWED : lacking('inbox');
}

function messageView({ client, scopes }: Principal): Decision<View> {
  const acts = hasScope(scopes, 'failures:read');
  if (hasScope(scopes, 'messages:read')) return { allowed: true, grant: { acts } };
  const [sent, received] = [hasScope(scopes, 'send'), hasScope(scopes, 'inbox')];
  if (client === undefined || !(sent || received)) return lacking('messages:read');
  return { allowed: true, grant: { own: { client, sent, received }, acts } };
}

function failureView({ client, scopes }: Principal): Decision<View> {
  if (hasScope(scopes, 'failures:read')) return { allowed: true, grant: { acts: true } };
  if (client === undefined || !hasScope(scopes, 'send')) return lacking('failures:read');
  return { allowed: true, grant: { own: { client, sent: true, received: false }, acts: false } };
}
