import { placesOf } from '../../../src/application/inbox/list-order.js';
import {
  CONFLICTS_MAX,
  type Archive,
  type FailureQuery,
  type FailureSummary,
  type ListPlace,
  type MessageQuery,
} from '../../../src/application/ports/archive.js';
import type { Clock } from '../../../src/application/ports/clock.js';
import type {
  InboxReader,
  InboxListener,
  InboxSignals,
  ReadPositions,
} from '../../../src/application/ports/inbox.js';
import type { Ledger } from '../../../src/application/ports/ledger.js';
import type { MessageSweep } from '../../../src/application/ports/sweeps.js';
import { isSweepable } from '../../../src/domain/failures/failure-actions.js';
import { OPEN_STATES, type FailedMessage } from '../../../src/domain/failures/failed-message.js';
import type { Known } from '../../../src/domain/delivery/fate.js';
import type { Identities } from '../../../src/domain/identity.js';
import { EMPTY_INBOX, type InboxState } from '../../../src/domain/inbox/inbox.js';
import type { Holding, ReadPosition } from '../../../src/domain/inbox/message-status.js';
import type { MessageId, StoredMessage } from '../../../src/domain/message.js';
import type { Entry, LedgerView, Outcome, Settlement } from '../../../src/domain/delivery/settlement.js';
import { idOf, inboxOf, MoreIdsNeeded, settle } from '../../../src/domain/delivery/settlement.js';
import { listed } from './listed.js';

/** `messages` is in the order of the numbers, up to the last. */
interface Inbox {
  last: number;
  messages: StoredMessage[];
}

/**
 * The ledger and all its readers, in maps, for unit tests. Each call is one synchronous step, and therefore a
 * transaction.
 */
export class InMemoryLedger
  implements Ledger, Archive, InboxReader, InboxSignals, ReadPositions, MessageSweep
{
  private readonly stored = new Map<MessageId, StoredMessage>();
  private readonly failed = new Map<MessageId, FailedMessage>();
  private readonly inboxes = new Map<string, Inbox>();
  private readonly positions = new Map<string, ReadPosition>();
  private readonly listeners = new Set<{ readonly call: InboxListener }>();

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly identities: Identities,
  ) {}

  settle(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    return inOneStep(() => {
      const settlement = this.decide(entries);
      this.apply(settlement);
      return settlement.outcomes;
    });
  }

  probe(): Promise<void> {
    return Promise.resolve();
  }

  amend(
    id: MessageId,
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<FailedMessage | undefined> {
    return this.amendAll([id], change).then(([changed]) => changed);
  }

  amendAll(
    ids: readonly MessageId[],
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<readonly (FailedMessage | undefined)[]> {
    return inOneStep(() => {
      const changed = ids.map((id) => {
        const failure = this.failed.get(id);
        return failure && change(failure);
      });
      for (const failure of changed) if (failure) this.failed.set(failure.id, failure);
      return changed;
    });
  }

  async *messages(query: MessageQuery): AsyncGenerator<StoredMessage> {
    yield* await Promise.resolve(listed(this.stored.values(), query));
  }

  async *failures(query: FailureQuery): AsyncGenerator<FailedMessage> {
    const { states, code, group } = query;
    const selected = [...this.failed.values()].filter(
      (f) =>
        states.includes(f.state) &&
        (code === undefined || f.code === code) &&
        (group === undefined || f.group.key === group),
    );
    yield* await Promise.resolve(listed(selected, query));
  }

  messagePlaces(query: MessageQuery): Promise<readonly ListPlace[]> {
    return placesOf(this.messages(query));
  }

  failurePlaces(query: FailureQuery): Promise<readonly ListPlace[]> {
    return placesOf(this.failures(query));
  }

  find(id: MessageId): Promise<Holding | undefined> {
    const message = this.stored.get(id);
    const failure = this.failed.get(id);
    if (message) return Promise.resolve({ message, ...(failure && { failure }) });
    return Promise.resolve(failure && { failure });
  }

  conflicts(id: MessageId): Promise<readonly MessageId[]> {
    const found = [...this.failed].filter(([, { conflictsWith }]) => conflictsWith === id);
    return Promise.resolve(
      found
        .map(([other]) => other)
        .sort()
        .slice(0, CONFLICTS_MAX),
    );
  }

  known(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, Known>> {
    const known = ids.flatMap((id) => {
      const known = this.knownOf(id);
      return known ? [[id, known] as const] : [];
    });
    return Promise.resolve(new Map(known));
  }

  summary(): Promise<FailureSummary> {
    const failures = [...this.failed.values()];
    const open = failures.filter((f) => OPEN_STATES.includes(f.state)).length;
    const times = failures.filter((f) => f.state === 'unresolved').map((f) => f.failedAt);
    return Promise.resolve({ open, ...(times.length > 0 && { oldestFailedAt: Math.min(...times) }) });
  }

  page(client: string, after: number, limit: number): Promise<readonly StoredMessage[]> {
    const messages = this.inboxes.get(client)?.messages ?? [];
    return Promise.resolve(messages.filter(({ number }) => number > after).slice(0, limit));
  }

  async numbers(client: string, after: number, limit: number): Promise<readonly number[]> {
    return (await this.page(client, after, limit)).map(({ number }) => number);
  }

  state(client: string): Promise<InboxState> {
    const inbox = this.inboxes.get(client);
    const read = this.positions.get(client)?.number ?? 0;
    return Promise.resolve(
      inbox ? { first: inbox.last - inbox.messages.length + 1, last: inbox.last, read } : EMPTY_INBOX,
    );
  }

  lastNumbers(clients: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return Promise.resolve(new Map(clients.map((client) => [client, this.lastNumber(client)])));
  }

  confirmedLast(client: string): Promise<number> {
    return Promise.resolve(this.lastNumber(client));
  }

  advance(client: string, through: number): Promise<void> {
    const number = Math.min(through, this.lastNumber(client));
    if (number > (this.positions.get(client)?.number ?? 0)) {
      this.positions.set(client, { number, at: this.clock.now() });
    }
    return Promise.resolve();
  }

  of(client: string): Promise<ReadPosition | undefined> {
    return Promise.resolve(this.positions.get(client));
  }

  sweep(storedBefore: number): Promise<number> {
    let swept = 0;
    for (const { messages } of this.inboxes.values()) {
      const end = messages.findIndex(({ storedAt }) => storedAt >= storedBefore);
      const expired = messages.splice(0, end < 0 ? messages.length : end);
      for (const { id } of expired) this.stored.delete(id);
      swept += expired.length;
    }
    return Promise.resolve(swept);
  }

  sweepFailures(lastEventBefore: number): Promise<number> {
    const swept = [...this.failed.values()].filter((failure) => isSweepable(failure, lastEventBefore));
    for (const { id } of swept) this.failed.delete(id);
    return Promise.resolve(swept.length);
  }

  /** All of them, unordered. */
  allFailures(): Iterable<FailedMessage> {
    return this.failed.values();
  }

  subscribe(listener: InboxListener): () => void {
    const subscription = { call: listener };
    this.listeners.add(subscription);
    return () => this.listeners.delete(subscription);
  }

  private decide(entries: readonly Entry[]): Settlement {
    const known = new Map(entries.map((entry) => [idOf(entry), this.knownOf(idOf(entry))]));
    const lastNumbers = new Map(entries.map(inboxOf).map((inbox) => [inbox, this.lastNumber(inbox)]));
    const view: LedgerView = { known, lastNumbers, now: this.clock.now() };
    for (;;) {
      const settlement = settle(entries, view, this.identities);
      if (!(settlement instanceof MoreIdsNeeded)) return settlement;
      for (const id of settlement.ids) known.set(id, this.knownOf(id));
    }
  }

  private apply({ stored, failures, inboxes }: Settlement): void {
    for (const message of stored) {
      this.stored.set(message.id, message);
      const inbox = this.inboxes.get(message.to) ?? { last: 0, messages: [] };
      inbox.last = message.number;
      inbox.messages.push(message);
      this.inboxes.set(message.to, inbox);
    }
    for (const failure of failures) this.failed.set(failure.id, failure);
    for (const client of inboxes.keys()) for (const { call } of this.listeners) call(client);
  }

  private lastNumber(client: string): number {
    return this.inboxes.get(client)?.last ?? 0;
  }

  private knownOf(id: MessageId): Known | undefined {
    const stored = this.stored.get(id);
    const failure = this.failed.get(id);
    const content = stored?.content ?? failure?.content;
    return content === undefined ? undefined : { content, stored: !!stored, ...(failure && { failure }) };
  }
}

/** Runs synchronous work as a promise, which rejects with what the work throws. */
function inOneStep<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}
