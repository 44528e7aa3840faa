/**
 * Called with the client whose inbox changed; without a client, any inbox may have changed. `last` is the inbox's
 * last number: a reader that has read up to it has nothing new to read. It is absent if the inbox may have been
 * recreated or may have lost its oldest messages.
 */
export type InboxListener = (client?: string, last?: number) => void;

/**
 * Signals that a message was stored in an inbox, or a failure of that inbox recorded, soon after the commit,
 * whichever process made it. A signal may be late, repeated, spurious, or stand for several changes. After a gap,
 * every listener is called without a client. Listeners return at once and never throw. The returned function ends
 * the subscription, and may be called twice.
 */
export interface InboxSignals {
  subscribe(listener: InboxListener): () => void;
}
