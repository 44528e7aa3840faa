import type { FailedMessage } from '../../domain/failures/failed-message.js';
import type { MessageId } from '../../domain/message.js';
import type { Entry, Outcome } from '../../domain/delivery/settlement.js';
import type { ConsumerPosition } from '../../domain/delivery/consumer-position.js';

/** A batch that a ledger must be able to settle in one transaction. */
export const MAX_BATCH_ENTRIES = 500;
/** Bytes of texts and values. */
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Decides and records the fate of each message. All methods reject with `DependencyUnavailable` during an outage,
 * and are safe to call concurrently from several processes.
 *
 * A settlement writes the recipients' inbox documents. An act on a failure (`amend`) writes only that failure,
 * which a settlement that changes it also writes. Sweeps write both. An act therefore conflicts with every other
 * change of its failure, but not with deliveries to the failure's inbox.
 */
export interface Ledger {
  /**
   * Applies the domain's `settle` to the entries in order and writes the settlement in one transaction. All outcomes are
   * durable when it resolves. After `DependencyUnavailable` some or all of them may be written: settle the same entries
   * again, which changes nothing that was written. After any other rejection none of them is.
   *
   * Transactions on the same id or the same recipient conflict and are executed one after the other. The adapter retries
   * errors that the database labels as transient, a bounded number of times. A call settles within 25 s after the calls
   * before it.
   *
   * Rejects with `DocumentRejected` if the store rejects an entry for its content. Any other error is unknown to the
   * adapter.
   */
  settle(entries: readonly Entry[]): Promise<readonly Outcome[]>;
  /** Makes a durable write of the same kind that has no visible effect. Rejects as `settle` does. */
  probe(): Promise<void>;
  /**
   * Replaces a failure, open or closed, by the result of `change` (an act), and resolves with it. If there is no
   * such failure or `change` returns undefined, it writes nothing and resolves with undefined. `change` must be
   * pure. It may be called more than once, even on its own result if a commit was not confirmed. If it throws,
   * `amend` writes nothing and rejects with that error.
   */
  amend(
    id: MessageId,
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<FailedMessage | undefined>;
  /**
   * Amends several failures in one transaction: each id once, at most `MAX_BATCH_ENTRIES`. Resolves with the
   * results in their order.
   */
  amendAll(
    ids: readonly MessageId[],
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<readonly (FailedMessage | undefined)[]>;
}

/** The position of a consumer group in one partition of a topic. */
export interface PartitionPosition {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly position: ConsumerPosition;
}

/** A group's positions in one topic, as the ledger has them. */
export interface LedgerPositions {
  /** By partition. Partitions without a position are absent. */
  readonly positions: ReadonlyMap<number, ConsumerPosition>;
  /** The ledger had no messages and no failures when a position was first read. */
  readonly beganEmpty: boolean;
}

/**
 * Stores the positions of consumer groups in the ledger, together with the messages that they cover, so that
 * a restored copy of the ledger has the positions of that copy.
 *
 * `of` reads the positions of one group in one topic. The first call for a ledger, in any process, decides
 * `beganEmpty`, which never changes afterwards.
 *
 * `advance` saves positions in as few requests as it can and only moves them forward, even if several
 * processes save concurrently: a position with a lower `next` than the saved one changes nothing. If it
 * fails, some of the positions may be saved.
 *
 * `reset` saves positions, whatever was saved before.
 *
 * All methods are idempotent, and reject with `DependencyUnavailable`.
 */
export interface ConsumerPositions {
  of(group: string, topic: string): Promise<LedgerPositions>;
  advance(positions: readonly PartitionPosition[]): Promise<void>;
  reset(positions: readonly PartitionPosition[]): Promise<void>;
}
