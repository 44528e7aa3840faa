import type { FailedMessage } from '../failures/failed-message.js';
import type { Known } from '../delivery/fate.js';
import type { Identities } from '../identity.js';
import type { MessageId } from '../message.js';

/** What has become of a message that somebody waits for. */
export type SendResult =
  | { readonly kind: 'stored' | 'undecided' }
  | { readonly kind: 'failed'; readonly failure: FailedMessage }
  /** Its id belongs to another message: it becomes, or became, a failure of its own, under this one. */
  | { readonly kind: 'reused'; readonly id: MessageId };

/** Read from what the ledger holds under the message's id; `content` is the message's own. */
export function resultOf(
  known: Known | undefined,
  { id, content }: { readonly id: MessageId; readonly content: string },
  identities: Identities,
): SendResult {
  if (known === undefined) return { kind: 'undecided' };
  if (known.content !== content) return { kind: 'reused', id: identities.ofReusedId(id, content) };
  const { stored, failure } = known;
  if (stored || failure === undefined || failure.resolution === 'stored') return { kind: 'stored' };
  // A person has taken it up: it is on its way again.
  if (failure.state === 'replaying' || failure.state === 'correcting') return { kind: 'undecided' };
  return { kind: 'failed', failure };
}
