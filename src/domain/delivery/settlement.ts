import { groupOf, type FailureGroup } from '../failures/failure-group.js';
import { failedAgain, firstFailure, resolvedByStoring } from '../failures/failed-message.js';
import type { DeadLetter, FailedMessage } from '../failures/failed-message.js';
import { fateOfDeadLetter, fateOfDelivery, type Known } from './fate.js';
import type { Identities } from '../identity.js';
import type { Message, MessageId, StoredMessage } from '../message.js';
import { isClientName } from '../message-rules.js';

/** A message to store or a dead letter to record. */
export type Entry =
  | {
      readonly kind: 'delivery';
      readonly message: Message;
      readonly content: string;
      readonly replays: number;
    }
  | { readonly kind: 'dead-letter'; readonly letter: DeadLetter };

export type Outcome =
  | { readonly kind: 'stored'; readonly number: number }
  | { readonly kind: 'recorded'; readonly id: MessageId }
  | { readonly kind: 'duplicate' }
  /** The id belongs to another message. Nothing was written; the message must be dead-lettered under the given id. */
  | { readonly kind: 'reused'; readonly id: MessageId }
  /**
   * An earlier entry of the same recipient was `reused`. Nothing was written; settle this entry again after that one.
   */
  | { readonly kind: 'deferred' };

/** The inbox document that failures without a valid recipient write to. No client can have this name. */
export const NO_RECIPIENT = '*';

export function inboxOf(entry: Entry): string {
  if (entry.kind === 'delivery') return entry.message.to;
  return isClientName(entry.letter.to) ? entry.letter.to : NO_RECIPIENT;
}

export function idOf(entry: Entry): MessageId {
  return entry.kind === 'delivery' ? entry.message.id : entry.letter.id;
}

/** The writes that make the outcomes true. A ledger commits them in one transaction. */
export interface Settlement {
  readonly outcomes: readonly Outcome[];
  readonly stored: readonly StoredMessage[];
  readonly failures: readonly FailedMessage[];
  /**
   * How many numbers each changed inbox assigns; 0 if only a failure changed. Ledgers add them to the stored last
   * number, because inboxes that only a known failure names are not in the view.
   */
  readonly inboxes: ReadonlyMap<string, number>;
}

export interface LedgerView {
  /** What the ledger holds under each id that was read. An id without a key in this map was not read. */
  readonly known: ReadonlyMap<MessageId, Known | undefined>;
  /** Last numbers of the inboxes of all entries; 0 for an inbox without messages. */
  readonly lastNumbers: ReadonlyMap<string, number>;
  readonly now: number;
}

/** Returned by `settle` if more ids must be read before the entries can be settled. */
export class MoreIdsNeeded {
  constructor(readonly ids: readonly MessageId[]) {}
}

/**
 * Decides the outcomes of a batch in order. Each entry sees the effects of the entries before it. Pure: a ledger
 * reads the view, calls this function and writes the settlement in one transaction.
 */
export function settle(
  entries: readonly Entry[],
  view: LedgerView,
  identities: Identities,
): Settlement | MoreIdsNeeded {
  const batch = new BatchSettlement(view, identities);
  const outcomes = entries.map((entry) => batch.settleOne(entry));
  return batch.missing.size > 0 ? new MoreIdsNeeded([...batch.missing]) : batch.result(outcomes);
}

class BatchSettlement {
  readonly missing = new Set<MessageId>();
  private readonly changed = new Map<MessageId, Known>();
  private readonly stored: StoredMessage[] = [];
  private readonly failures = new Map<MessageId, FailedMessage>();
  private readonly inboxes = new Map<string, number>();
  private readonly blocked = new Set<string>();

  constructor(
    private readonly view: LedgerView,
    private readonly identities: Identities,
  ) {}

  result(outcomes: readonly Outcome[]): Settlement {
    const { stored, inboxes } = this;
    return { outcomes, stored, inboxes, failures: [...this.failures.values()] };
  }

  settleOne(entry: Entry): Outcome {
    if (this.blocked.has(inboxOf(entry))) return { kind: 'deferred' };
    return entry.kind === 'delivery'
      ? this.deliver(entry)
      : this.recordDeadLetter(entry.letter, entry.letter.id);
  }

  private deliver(entry: Extract<Entry, { kind: 'delivery' }>): Outcome {
    const { message, content } = entry;
    const known = this.lookUp(message.id);
    const fate = fateOfDelivery(known, entry);
    switch (fate) {
      case 'duplicate':
        return { kind: 'duplicate' };
      case 'reused':
        return this.reused(message, content);
      case 'store':
      case 'resolve': {
        const assignedCount = (this.inboxes.get(message.to) ?? 0) + 1;
        const number = (this.view.lastNumbers.get(message.to) ?? 0) + assignedCount;
        this.inboxes.set(message.to, assignedCount);
        this.stored.push({ ...message, content, number, storedAt: this.view.now });
        const failure = known?.failure && resolvedByStoring(known.failure, this.view.now);
        if (failure) this.failures.set(message.id, failure);
        this.changed.set(message.id, { content, stored: true, ...(failure && { failure }) });
        return { kind: 'stored', number };
      }
    }
  }

  /** A redelivered message whose id was reused is a duplicate if its failure was recorded the first time. */
  private reused(message: Message, content: string): Outcome {
    const id = this.identities.ofReusedId(message.id, content);
    if (this.lookUp(id)?.content === content) return { kind: 'duplicate' };
    this.blocked.add(message.to);
    return { kind: 'reused', id };
  }

  private recordDeadLetter(letter: DeadLetter, id: MessageId): Outcome {
    const known = this.lookUp(id);
    const { now } = this.view;
    const group = (): FailureGroup => groupOf(letter, this.identities);
    switch (fateOfDeadLetter(known, letter)) {
      case 'nothing':
        return { kind: 'duplicate' };
      case 'insert':
        return this.record(firstFailure(id === letter.id ? letter : underOtherId(letter, id), now, group()));
      case 'reopen':
        return this.record(failedAgain(known?.failure as FailedMessage, letter, now, group()));
      case 'reused': {
        const next = this.identities.ofReusedId(id, letter.content);
        return this.isUnread(next) ? { kind: 'deferred' } : this.recordDeadLetter(letter, next);
      }
    }
  }

  private record(failure: FailedMessage): Outcome {
    const inbox = isClientName(failure.to) ? failure.to : NO_RECIPIENT;
    this.inboxes.set(inbox, this.inboxes.get(inbox) ?? 0);
    this.failures.set(failure.id, failure);
    this.changed.set(failure.id, { content: failure.content, stored: false, failure });
    return { kind: 'recorded', id: failure.id };
  }

  private lookUp(id: MessageId): Known | undefined {
    if (this.isUnread(id)) return undefined;
    return this.changed.get(id) ?? this.view.known.get(id);
  }

  /**
   * Records an id that the view lacks. The caller then discards this settlement and settles again with that id read.
   */
  private isUnread(id: MessageId): boolean {
    if (this.changed.has(id) || this.view.known.has(id)) return false;
    this.missing.add(id);
    return true;
  }
}

function underOtherId(letter: DeadLetter, id: MessageId): DeadLetter {
  return { ...letter, id, conflictsWith: letter.conflictsWith ?? letter.id };
}
