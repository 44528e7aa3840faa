import type { MessageSweep } from '../../../application/ports/sweeps.js';
import type { StoredMessage } from '../../../domain/message.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { unindexStored } from '../store/list-tables.js';

const MESSAGES_PER_TRANSACTION = 500;
/** The most messages removed in one sweep. */
const SWEEP_MAX = 5_000;

export class EmbeddedMessageSweep implements MessageSweep {
  constructor(private readonly store: EmbeddedStore) {}

  async sweep(storedBefore: number): Promise<number> {
    let swept = 0;
    // Read all clients first: lmdb cannot reuse freed pages while a cursor's read transaction is open.
    for (const client of [...this.store.tables.inboxes.getKeys()]) {
      for (
        let sweptNow = MESSAGES_PER_TRANSACTION;
        sweptNow === MESSAGES_PER_TRANSACTION;
        swept += sweptNow
      ) {
        if (swept >= SWEEP_MAX) return swept;
        // In most inboxes nothing is due; this read avoids a write transaction.
        sweptNow =
          this.due(client, storedBefore).length > 0 ? await this.sweepBatch(client, storedBefore) : 0;
      }
    }
    return swept;
  }

  private sweepBatch(client: string, storedBefore: number): Promise<number> {
    return this.store.write('store', () => {
      const sweptNow = this.due(client, storedBefore);
      const { inboxes } = this.store.tables;
      const inbox = inboxes.get(client);
      const last = sweptNow.at(-1);
      if (inbox && last) void inboxes.put(client, { ...inbox, first: last.number + 1 });
      for (const message of sweptNow) this.remove(message);
      return sweptNow.length;
    });
  }

  private due(client: string, storedBefore: number): StoredMessage[] {
    const { byNumber, messages } = this.store.tables;
    const range = { start: [client, 0], end: [client, Infinity], limit: MESSAGES_PER_TRANSACTION };
    const due: StoredMessage[] = [];
    for (const { value } of byNumber.getRange(range)) {
      const stored = messages.get(value)?.stored;
      if (stored === undefined || stored.storedAt >= storedBefore) break;
      due.push(stored);
    }
    return due;
  }

  /** Removes the message, but keeps the failure that it had, if any. */
  private remove(message: StoredMessage): void {
    const { id, to, number } = message;
    const { messages, byNumber } = this.store.tables;
    const failure = messages.get(id)?.failure;
    if (failure) void messages.put(id, { failure });
    else void messages.remove(id);
    void byNumber.remove([to, number]);
    unindexStored(this.store.tables, message);
  }
}
