import type { InboxListener, InboxSignals } from '../../../application/ports/inbox.js';

/** Passes signals on from the ledger of the same process, which sends them after its commit. */
export class EmbeddedInboxSignals implements InboxSignals {
  private readonly listeners = new Set<{ readonly call: InboxListener }>();

  subscribe(listener: InboxListener): () => void {
    const subscription = { call: listener };
    this.listeners.add(subscription);
    return () => this.listeners.delete(subscription);
  }

  notify(clients: Iterable<string>): void {
    for (const client of clients) for (const { call } of this.listeners) call(client);
  }
}
