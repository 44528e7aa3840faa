import type { FailedMessage } from '../failures/failed-message.js';
import type { Known } from '../delivery/fate.js';
import type { Identities } from '../identity.js';
import type { MessageId } from '../message.js';

/** The result of an accepted message, for a sender that waits for it. */
export type SendResult =
  | { readonly kind: 'stored' | 'undecided' }
  | { readonly kind: 'failed'; readonly failure: FailedMessage }
  /** The id belongs to another message. This message is recorded as a failure under the given id. */
  | { readonly kind: 'reused'; readonly id: MessageId };

/** Derives the result from what the ledger holds under the message's id. `content` is the message's own fingerprint. */
export function resultOf(
  known: Known | undefined,
  { id, content }: { readonly id: MessageId; readonly content: string },
  identities: Identities,
): SendResult {
  if (known === undefined) return { kind: 'undecided' };
  if (known.content !== content) return { kind: 'reused', id: identities.ofReusedId(id, content) };
  const { stored, failure } = known;
  if (stored || failure === undefined || failure.resolution === 'stored') return { kind: 'stored' };
  // An operator replays or corrects it, so its result is open again.
  if (failure.state === 'replaying' || failure.state === 'correcting') return { kind: 'undecided' };
  return { kind: 'failed', failure };
}
