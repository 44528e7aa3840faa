import type { MessageSweep } from '../../../application/ports/sweeps.js';
import type { StoredMessage } from '../../../domain/message.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { unindexStored } from '../store/list-tables.js';

const MESSAGES_AT_ONCE = 500;
/** The most messages removed in one sweep. */
const SWEEP_MAX = 5_000;

export class EmbeddedMessageSweep implements MessageSweep {
  constructor(private readonly store: EmbeddedStore) {}

  async sweep(storedBefore: number): Promise<number> {
    let swept = 0;
    // Read all clients first: lmdb cannot reuse freed pages while a cursor's read transaction is open.
    for (const client of [...this.store.tables.inboxes.getKeys()]) {
      for (let gone = MESSAGES_AT_ONCE; gone === MESSAGES_AT_ONCE; swept += gone) {
        if (swept >= SWEEP_MAX) return swept;
        // In most inboxes nothing is due; this read avoids a write transaction.
        gone = this.due(client, storedBefore).length > 0 ? await this.sweepSome(client, storedBefore) : 0;
      }
    }
    return swept;
  }

  private sweepSome(client: string, storedBefore: number): Promise<number> {
    return this.store.write('store', () => {
      const gone = this.due(client, storedBefore);
      const { inboxes } = this.store.tables;
      const inbox = inboxes.get(client);
      const last = gone.at(-1);
      if (inbox && last) void inboxes.put(client, { ...inbox, first: last.number + 1 });
      for (const message of gone) this.remove(message);
      return gone.length;
    });
  }

  private due(client: string, storedBefore: number): StoredMessage[] {
    const { byNumber, messages } = this.store.tables;
    const range = { start: [client, 0], end: [client, Infinity], limit: MESSAGES_AT_ONCE };
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
