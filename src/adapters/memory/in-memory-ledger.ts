import type { Archive, FailureQuery, FailureSummary, MessageQuery } from '../../application/ports/archive.js';
import type { Clock } from '../../application/ports/clock.js';
import type { InboxReader } from '../../application/ports/inbox-reader.js';
import type { InboxListener, InboxSignals } from '../../application/ports/inbox-signals.js';
import type { Ledger } from '../../application/ports/ledger.js';
import { OPEN_STATES, type FailedMessage } from '../../domain/failed-message.js';
import type { Known } from '../../domain/fate.js';
import type { Identities } from '../../domain/identity.js';
import type { Message, MessageId, StoredMessage } from '../../domain/message.js';
import { idOf, inboxOf, MoreIdsNeeded, settle } from '../../domain/settlement.js';
import type { Entry, LedgerView, Outcome, Settlement } from '../../domain/settlement.js';

/** The ledger and all that reads it, in maps: for unit tests. A call is one synchronous step, hence a transaction. */
export class InMemoryLedger implements Ledger, Archive, InboxReader, InboxSignals {
  private readonly stored = new Map<MessageId, StoredMessage>();
  private readonly failed = new Map<MessageId, FailedMessage>();
  private readonly inboxes = new Map<string, StoredMessage[]>();
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
    return inOneStep(() => {
      const failure = this.failed.get(id);
      const changed = failure && change(failure);
      if (changed) this.failed.set(id, changed);
      return changed;
    });
  }

  async *messages(query: MessageQuery): AsyncGenerator<StoredMessage> {
    yield* await Promise.resolve(listed(this.stored.values(), query));
  }

  async *failures(query: FailureQuery): AsyncGenerator<FailedMessage> {
    const { states, code } = query;
    const chosen = [...this.failed.values()].filter(
      (f) => states.includes(f.state) && (code === undefined || f.code === code),
    );
    yield* await Promise.resolve(listed(chosen, query));
  }

  find(id: MessageId): Promise<Known | undefined> {
    return Promise.resolve(this.known(id));
  }

  summary(): Promise<FailureSummary> {
    const all = [...this.failed.values()];
    const open = all.filter((f) => OPEN_STATES.includes(f.state)).length;
    const times = all.filter((f) => f.state === 'unresolved').map((f) => f.failedAt);
    return Promise.resolve({ open, ...(times.length > 0 && { oldestFailedAt: Math.min(...times) }) });
  }

  page(client: string, after: number, limit: number): Promise<readonly StoredMessage[]> {
    // Numbers start at 1 and have no gap.
    return Promise.resolve((this.inboxes.get(client) ?? []).slice(after, after + limit));
  }

  subscribe(listener: InboxListener): () => void {
    const subscription = { call: listener };
    this.listeners.add(subscription);
    return () => this.listeners.delete(subscription);
  }

  private decide(entries: readonly Entry[]): Settlement {
    const known = new Map(entries.map((entry) => [idOf(entry), this.known(idOf(entry))]));
    const lastNumbers = new Map(
      entries.map(inboxOf).map((inbox) => [inbox, this.inboxes.get(inbox)?.length ?? 0]),
    );
    const view: LedgerView = { known, lastNumbers, now: this.clock.now() };
    for (;;) {
      const settlement = settle(entries, view, this.identities);
      if (!(settlement instanceof MoreIdsNeeded)) return settlement;
      for (const id of settlement.ids) known.set(id, this.known(id));
    }
  }

  private apply({ stored, failures }: Settlement): void {
    for (const message of stored) {
      this.stored.set(message.id, message);
      const inbox = this.inboxes.get(message.to);
      if (inbox) inbox.push(message);
      else this.inboxes.set(message.to, [message]);
    }
    for (const failure of failures) this.failed.set(failure.id, failure);
    for (const client of new Set(stored.map((message) => message.to))) {
      for (const { call } of this.listeners) call(client);
    }
  }

  private known(id: MessageId): Known | undefined {
    const stored = this.stored.get(id);
    const failure = this.failed.get(id);
    const content = stored?.content ?? failure?.content;
    return content === undefined ? undefined : { content, stored: !!stored, ...(failure && { failure }) };
  }
}

/** Synchronous work as a promise, what it throws as a rejection. */
function inOneStep<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

function listed<T extends Message>(rows: Iterable<T>, query: MessageQuery): T[] {
  return [...rows]
    .filter((row) => matches(row, query))
    .sort(inListOrder)
    .slice(0, query.limit);
}

function matches(row: Message, { from, to, since, until, after }: MessageQuery): boolean {
  return (
    (from === undefined || row.from === from) &&
    (to === undefined || row.to === to) &&
    (since === undefined || row.sentAt >= since) &&
    (until === undefined || row.sentAt < until) &&
    (after === undefined || inListOrder(after, row) < 0)
  );
}

type Placed = Pick<Message, 'sentAt' | 'id'>;

function inListOrder(a: Placed, b: Placed): number {
  return a.sentAt - b.sentAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
