import { DomainError } from '../../../../src/domain/errors.js';
import { isSweepable } from '../../../../src/domain/failures/failure-actions.js';
import type { FailedMessage } from '../../../../src/domain/failures/failed-message.js';
import type { Known } from '../../../../src/domain/delivery/fate.js';
import type { MessageId, StoredMessage } from '../../../../src/domain/message.js';
import {
  idOf,
  inboxOf,
  MoreIdsNeeded,
  settle,
  type Entry,
  type LedgerView,
  type Settlement,
} from '../../../../src/domain/delivery/settlement.js';
import { identities } from '../../builders.js';
import type { Actor, Decided, Read } from './snapshot-isolation.js';

/** Which documents each kind of transaction writes so that others conflict with it. */
export interface WriteRule {
  readonly decision: Checked;
  readonly action: Checked;
  readonly sweep: Checked;
}

type Checked = readonly ('failure' | 'inbox')[];

export const WRITE_RULE: WriteRule = {
  decision: ['failure', 'inbox'],
  action: ['failure'],
  sweep: ['failure', 'inbox'],
};

export const NOW = 1_700_100_000_000;
export const CLIENT = 'clientB';

interface Inbox {
  readonly last: number;
}

/**
 * The keys of a ledger's documents. Each id has three documents: one marks the id as taken, the others are
 * the stored message and the failure. They are separate, so that only the writes of the rule conflict. Each
 * inbox has one document.
 */
export const key = {
  id: (id: MessageId) => `id ${id}`,
  stored: (id: MessageId) => `stored ${id}`,
  failure: (id: MessageId) => `failure ${id}`,
  inbox: (client: string) => `inbox ${client}`,
};

export const failureOf = (read: Read, id: MessageId): FailedMessage | undefined =>
  read(key.failure(id)) as FailedMessage | undefined;

/** Returns a transaction that settles a record. */
export function decider(name: string, entry: Entry, rule: WriteRule): Actor {
  return {
    name,
    decide: (read) => {
      const settlement = decide(entry, read);
      const writes = new Map<string, unknown>();
      for (const message of settlement.stored) {
        writes.set(key.id(message.id), true).set(key.stored(message.id), message);
      }
      for (const failure of settlement.failures) {
        if (read(key.id(failure.id)) === undefined) writes.set(key.id(failure.id), true);
        writes.set(key.failure(failure.id), failure);
      }
      for (const [client, count] of settlement.inboxes) {
        writes.set(key.inbox(client), { last: lastOf(read, client) + count });
      }
      const result = settlement.outcomes.map(({ kind }) => kind).join();
      return decided(result, writes, rule.decision);
    },
  };
}

/** Returns a transaction that acts on a failure; `change` is one of the domain's transitions. */
export function operator(
  name: string,
  id: MessageId,
  change: (failure: FailedMessage) => FailedMessage | undefined,
  rule: WriteRule,
): Actor {
  return {
    name,
    decide: (read) => {
      const failure = failureOf(read, id);
      const changed = failure && tryChange(() => change(failure));
      if (typeof changed === 'string') return withoutWrites(changed);
      if (failure === undefined || changed === undefined) return withoutWrites('nothing');
      const writes = new Map<string, unknown>([[key.failure(id), changed]]);
      if (rule.action.includes('inbox')) writes.set(key.inbox(failure.to), read(key.inbox(failure.to)));
      return decided('done', writes, rule.action);
    },
  };
}

export function failureSweep(id: MessageId, rule: WriteRule): Actor {
  return {
    name: 'failure sweep',
    decide: (read) => {
      const failure = failureOf(read, id);
      if (failure === undefined || !isSweepable(failure, Infinity)) return withoutWrites('nothing');
      const writes = new Map<string, unknown>([
        [key.failure(id), undefined],
        [key.inbox(failure.to), read(key.inbox(failure.to))],
      ]);
      if (read(key.stored(id)) === undefined) writes.set(key.id(id), undefined);
      return decided('swept', writes, rule.sweep);
    },
  };
}

/** Returns a sweep of the message with this id, whatever its number. */
export function messageSweep(id: MessageId, rule: WriteRule): Actor {
  return {
    name: 'message sweep',
    decide: (read) => {
      const stored = read(key.stored(id)) as StoredMessage | undefined;
      if (stored === undefined) return withoutWrites('nothing');
      const writes = new Map<string, unknown>([
        [key.stored(id), undefined],
        [key.inbox(stored.to), read(key.inbox(stored.to))],
      ]);
      if (read(key.failure(id)) === undefined) writes.set(key.id(id), undefined);
      return decided('swept', writes, rule.sweep);
    },
  };
}

function decide(entry: Entry, read: Read): Settlement {
  const known = new Map([[idOf(entry), knownOf(read, idOf(entry))]]);
  const inbox = inboxOf(entry);
  const view: LedgerView = { known, lastNumbers: new Map([[inbox, lastOf(read, inbox)]]), now: NOW };
  for (;;) {
    const settlement = settle([entry], view, identities);
    if (!(settlement instanceof MoreIdsNeeded)) return settlement;
    for (const id of settlement.ids) known.set(id, knownOf(read, id));
  }
}

function knownOf(read: Read, id: MessageId): Known | undefined {
  const stored = read(key.stored(id)) as StoredMessage | undefined;
  const failure = failureOf(read, id);
  const content = stored?.content ?? failure?.content;
  if (content === undefined) return undefined;
  return { content, stored: stored !== undefined, ...(failure && { failure }) };
}

function lastOf(read: Read, client: string): number {
  return (read(key.inbox(client)) as Inbox | undefined)?.last ?? 0;
}

function tryChange<T>(change: () => T): T | string {
  try {
    return change();
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

function decided(result: string, writes: ReadonlyMap<string, unknown>, rule: Checked): Decided {
  const isChecked = (written: string): boolean => {
    if (written.startsWith('failure ')) return rule.includes('failure');
    return !written.startsWith('inbox ') || rule.includes('inbox');
  };
  return { result, writes, checked: new Set([...writes.keys()].filter(isChecked)) };
}

const withoutWrites = (result: string): Decided => ({ result, writes: new Map(), checked: new Set() });
