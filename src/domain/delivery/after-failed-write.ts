import type { DeadLetter } from '../failures/failed-message.js';
import { outageDelay } from '../outage-delay.js';
import type { DeliveryPolicy } from './delivery-policy.js';

/** Why a write failed, according to the ledger's adapter. */
export type WriteFailure = 'unavailable' | 'rejected' | 'unknown';

/** A batch of entries that the ledger did not write. */
export interface FailedWrite {
  readonly failure: WriteFailure;
  /** The number of entries in the batch. The properties below are used only if there is one. */
  readonly entries: number;
  /** Whether another write has succeeded since; undefined if that is not known. */
  readonly othersSucceed: boolean | undefined;
  /** Counted attempts, without this one. */
  readonly attempts: number;
  readonly isDeadLetter: boolean;
  /** The next shorter copy of a dead letter that is too large for the ledger; undefined if there is none. */
  readonly shorter: DeadLetter | undefined;
}

export type AfterFailedWrite =
  /** Wait until the outage of the store is over, then write the same batch again. */
  | { readonly kind: 'wait' }
  /** Write the batch in halves, to find the entry that fails. */
  | { readonly kind: 'split' }
  /** Find out whether another write succeeds, then decide again. */
  | { readonly kind: 'probe' }
  /** Write this shorter dead letter instead. */
  | { readonly kind: 'truncate'; readonly attempts: number; readonly letter: DeadLetter }
  /** Write the entry again, alone, after the delay. */
  | { readonly kind: 'retry'; readonly attempts: number; readonly delayMs: number }
  /** Deliver the message no more, and publish its dead letter. */
  | {
      readonly kind: 'dead-letter';
      readonly attempts: number;
      readonly disposition: 'rejected' | 'exhausted';
    };

/**
 * Decides what to do after a failed write: the first condition that holds decides. A failure counts against an entry
 * only if the entry was written alone, and the ledger rejected it or other writes succeed (ADR 2). A dead letter is
 * never dead-lettered: it is truncated while the ledger rejects it as too large, and otherwise retried without limit.
 * Pure; `random` is uniform in [0, 1).
 */
export function afterFailedWrite(
  write: FailedWrite,
  policy: Pick<DeliveryPolicy, 'maxRetries' | 'retryDelay'>,
  random: number,
): AfterFailedWrite {
  const { failure, othersSucceed, isDeadLetter, shorter } = write;
  const attempts = write.attempts + 1;

  if (failure === 'unavailable') return { kind: 'wait' };
  if (write.entries > 1) return { kind: 'split' };
  if (failure === 'unknown' && othersSucceed === undefined) return { kind: 'probe' };
  if (failure === 'unknown' && !othersSucceed) return { kind: 'wait' };

  if (isDeadLetter && shorter) return { kind: 'truncate', attempts, letter: shorter };
  if (isDeadLetter) return { kind: 'retry', attempts, delayMs: outageDelay(attempts, random) };

  if (failure === 'rejected') return { kind: 'dead-letter', attempts, disposition: 'rejected' };
  if (attempts > policy.maxRetries) return { kind: 'dead-letter', attempts, disposition: 'exhausted' };
  return { kind: 'retry', attempts, delayMs: policy.retryDelay(attempts, random) };
}
