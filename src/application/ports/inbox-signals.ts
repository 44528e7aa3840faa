/** Called with the client whose inbox has something new; without one: any inbox may have. */
export type InboxListener = (client?: string) => void;

/**
 * Tells that an inbox has something new, soon after the ledger has it, in whichever process that was. A signal may
 * come late, twice or for nothing, and many may be one; after a gap every listener is called without a client.
 * Listeners return at once and never throw. The returned function ends the subscription, and may be called twice.
 */
export interface InboxSignals {
  subscribe(listener: InboxListener): () => void;
}
