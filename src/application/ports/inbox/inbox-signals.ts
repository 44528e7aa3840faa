/** Called with the client in whose inbox something was decided; without one: in any there may have been. */
export type InboxListener = (client?: string) => void;

/**
 * Tells that a message was stored in an inbox, or a failure recorded that belongs to it, soon after the ledger has
 * it, in whichever process that was. A signal may come late, twice or for nothing, and many may be one; after a gap
 * every listener is called without a client. Listeners return at once and never throw. The returned function ends
 * the subscription, and may be called twice.
 */
export interface InboxSignals {
  subscribe(listener: InboxListener): () => void;
}
