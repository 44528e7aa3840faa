import type { FailedMessage } from '../failures/failed-message.js';

/** What the ledger holds under one id. A stored message may have a resolved failure in its past. */
export interface Known {
  readonly content: string;
  readonly stored: boolean;
  readonly failure?: FailedMessage;
}

/** What of a record decides its fate. `replays` counts how often people sent it again. */
export interface Claim {
  readonly content: string;
  readonly replays: number;
}

/** `reused`: the id belongs to another message. `resolve`: store, and close the failure with it. */
export type DeliveryFate = 'store' | 'resolve' | 'duplicate' | 'reused';
/** `reused`: decide again under the derived id. `reopen`: the failure is unresolved once more. */
export type DeadLetterFate = 'insert' | 'reopen' | 'nothing' | 'reused';

type Standing = 'unknown' | 'other-content' | 'settled' | 'awaited' | 'stale';

export function fateOfDelivery(known: Known | undefined, claim: Claim): DeliveryFate {
  switch (standing(known, claim)) {
    case 'unknown':
      return 'store';
    case 'other-content':
      return 'reused';
    case 'settled':
      return 'duplicate';
    case 'awaited':
    case 'stale':
      return 'resolve';
  }
}

export function fateOfDeadLetter(known: Known | undefined, claim: Claim): DeadLetterFate {
  switch (standing(known, claim)) {
    case 'unknown':
      return 'insert';
    case 'other-content':
      return 'reused';
    case 'settled':
      return 'nothing';
    case 'awaited':
    case 'stale':
      return 'reopen';
  }
}

/**
 * Reads the ledger's rows top to bottom, the first that fits. `awaited`: this replay is the one under way.
 * `stale`: the record has been replayed oftener than the ledger knows (an older copy of it was restored).
 */
function standing(known: Known | undefined, { content, replays }: Claim): Standing {
  if (known === undefined) return 'unknown';
  if (known.content !== content) return 'other-content';
  if (known.stored || known.failure === undefined) return 'settled';
  const failure = known.failure;
  switch (failure.state) {
    case 'resolved':
    case 'discarded':
    case 'correcting':
      return 'settled';
    case 'unresolved':
      return failure.replays >= replays ? 'settled' : 'stale';
    case 'replaying':
      if (failure.replays > replays) return 'settled';
      return failure.replays === replays ? 'awaited' : 'stale';
  }
}
