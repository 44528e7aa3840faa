import type { Clock } from '../../../application/ports/clock.js';
import type { Ledger } from '../../../application/ports/ledger.js';
import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import type { Known } from '../../../domain/delivery/fate.js';
import type { Identities } from '../../../domain/identity.js';
import { EMPTY_INBOX } from '../../../domain/inbox/inbox.js';
import type { MessageId, StoredMessage } from '../../../domain/message.js';
import { idOf, inboxOf, MoreIdsNeeded, settle } from '../../../domain/delivery/settlement.js';
import type { Entry, Outcome, Settlement } from '../../../domain/delivery/settlement.js';
import { toKnown } from '../store/documents.js';
import type { EmbeddedInboxSignals } from '../inbox/embedded-inbox-signals.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { indexFailure } from '../failures/failure-index.js';
import { indexStored } from '../store/list-tables.js';

/** Settles in one lmdb write transaction. lmdb runs write transactions one at a time, so settlements never conflict. */
export class EmbeddedLedger implements Ledger {
  constructor(
    private readonly store: EmbeddedStore,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly identities: Identities,
    private readonly signals: EmbeddedInboxSignals,
  ) {}

  async settle(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    const { outcomes, inboxes } = await this.store.write('store', () => {
      const settlement = this.decide(entries);
      for (const message of settlement.stored) this.writeStored(message);
      for (const failure of settlement.failures) this.writeFailure(failure);
      for (const [inbox, assignedCount] of settlement.inboxes) this.extendInbox(inbox, assignedCount);
      return settlement;
    });
    this.signals.notify(inboxes.keys());
    return outcomes;
  }

  async probe(): Promise<void> {
    await this.store.write('store', () => this.store.tables.ends.put(['probe'], this.clock.now()));
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
    return this.store.write('store', () => {
      const changed = ids.map((id) => {
        const failure = this.store.tables.messages.get(id)?.failure;
        return failure && change(failure);
      });
      for (const failure of changed) if (failure) this.writeFailure(failure);
      return changed;
    });
  }

  private decide(entries: readonly Entry[]): Settlement {
    const known = new Map<MessageId, Known | undefined>();
    const lastNumbers = new Map<string, number>();
    for (const entry of entries) {
      known.set(idOf(entry), this.known(idOf(entry)));
      lastNumbers.set(inboxOf(entry), this.store.tables.inboxes.get(inboxOf(entry))?.last ?? 0);
    }
    const view = { known, lastNumbers, now: this.clock.now() };
    for (;;) {
      const settlement = settle(entries, view, this.identities);
      if (!(settlement instanceof MoreIdsNeeded)) return settlement;
      for (const id of settlement.ids) known.set(id, this.known(id));
    }
  }

  private known(id: MessageId): Known | undefined {
    const document = this.store.tables.messages.get(id);
    return document && toKnown(document);
  }

  private extendInbox(client: string, assignedCount: number): void {
    if (assignedCount === 0) return;
    const { inboxes } = this.store.tables;
    const { first, last } = inboxes.get(client) ?? EMPTY_INBOX;
    void inboxes.put(client, { first, last: last + assignedCount });
  }

  private writeStored(stored: StoredMessage): void {
    const { messages, byNumber } = this.store.tables;
    const { id, to, number } = stored;
    void messages.put(id, { ...messages.get(id), stored });
    void byNumber.put([to, number], id);
    indexStored(this.store.tables, stored);
  }

  private writeFailure(failure: FailedMessage): void {
    const { messages } = this.store.tables;
    const before = messages.get(failure.id);
    indexFailure(this.store.tables, before?.failure, failure);
    void messages.put(failure.id, { ...before, failure });
  }
}
