import type { FailedMessage } from '../failures/failed-message.js';

/** What the ledger holds under one id. A stored message may have a resolved failure too. */
export interface Known {
  readonly content: string;
  readonly stored: boolean;
  readonly failure?: FailedMessage;
}

/** The properties of a record that decide its fate. `replays` counts how often operators have replayed it. */
export interface Claim {
  readonly content: string;
  readonly replays: number;
}

/** `reused`: the id belongs to another message. `resolve`: store the message and close its failure. */
export type DeliveryFate = 'store' | 'resolve' | 'duplicate' | 'reused';
/** `reused`: decide again under the derived id. `reopen`: the failure becomes unresolved again. */
export type DeadLetterFate = 'insert' | 'reopen' | 'nothing' | 'reused';

type ClaimStatus = 'unknown' | 'other-content' | 'settled' | 'current' | 'ahead';

export function fateOfDelivery(known: Known | undefined, claim: Claim): DeliveryFate {
  switch (claimStatus(known, claim)) {
    case 'unknown':
      return 'store';
    case 'other-content':
      return 'reused';
    case 'settled':
      return 'duplicate';
    case 'current':
    case 'ahead':
      return 'resolve';
  }
}

export function fateOfDeadLetter(known: Known | undefined, claim: Claim): DeadLetterFate {
  switch (claimStatus(known, claim)) {
    case 'unknown':
      return 'insert';
    case 'other-content':
      return 'reused';
    case 'settled':
      return 'nothing';
    case 'current':
    case 'ahead':
      return 'reopen';
  }
}

/**
 * Compares a record with what the ledger holds; the first case that applies decides. `current`: the record belongs
 * to the replay in flight. `ahead`: the record has more replays than the ledger knows, because the ledger was
 * restored from an older copy.
 */
function claimStatus(known: Known | undefined, { content, replays }: Claim): ClaimStatus {
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
      return failure.replays >= replays ? 'settled' : 'ahead';
    case 'replaying':
      if (failure.replays > replays) return 'settled';
      return failure.replays === replays ? 'current' : 'ahead';
  }
}
