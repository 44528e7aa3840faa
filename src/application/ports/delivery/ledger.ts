import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import type { MessageId } from '../../../domain/message.js';
import type { Entry, Outcome } from '../../../domain/delivery/settlement.js';

/** A batch that a ledger must be able to settle in one transaction. */
export const MAX_BATCH_ENTRIES = 500;
/** Bytes of text and values. */
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Decides and records each message's fate.
 *
 * `settle` applies the domain's `settle` to the entries in order and writes what follows from it in ONE
 * transaction: all outcomes are durable when it resolves, none took effect when it rejects with anything but
 * `DependencyUnavailable` (then some or all may have: settle the same entries again). Settling again changes
 * nothing. Safe to call at once from many processes: deciders of one id or one recipient conflict, and are decided
 * one after the other. What the database labels as transient is repeated inside, a bounded number of times, and a
 * call settles within 25 s once its turn has come.
 *
 * Rejects with `DependencyUnavailable` (nobody's fault), `DocumentRejected` (the document's own fault: some entry
 * of the batch), anything else is unknown to the adapter.
 *
 * `probe` makes a durable write of the same kind that changes nothing anyone sees; rejects like `settle`.
 *
 * `amend` replaces one open or closed failure by what `change` makes of it, in one transaction with the inbox it
 * belongs to, and resolves with it; undefined, and nothing written, where there is no such failure or `change`
 * gives undefined. `change` is pure and may be called more than once; what it throws, `amend` rejects with, and nothing
 * was written. `amendAll` does the same with many (each id once, at most `MAX_BATCH_ENTRIES`) in one transaction, with
 * a result for each in their order.
 */
export interface Ledger {
  settle(entries: readonly Entry[]): Promise<readonly Outcome[]>;
  probe(): Promise<void>;
  amend(
    id: MessageId,
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<FailedMessage | undefined>;
  amendAll(
    ids: readonly MessageId[],
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<readonly (FailedMessage | undefined)[]>;
}
