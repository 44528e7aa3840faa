import type { ConsumerPosition } from '../../../domain/delivery/consumer-position.js';

/** How far one consumer group has got in one partition of a topic. */
export interface PartitionPosition {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly position: ConsumerPosition;
}

/** What a ledger knows of one group's positions in one topic. */
export interface LedgerPositions {
  /** By partition. A partition without a position is missing. */
  readonly positions: ReadonlyMap<number, ConsumerPosition>;
  /** The ledger had no messages and no failures when it was first asked for a position. */
  readonly beganEmpty: boolean;
}

/**
 * Keeps the positions of consumer groups in the ledger, beside the messages that they vouch for: a ledger that is
 * restored from a copy has the positions of that copy.
 *
 * `of` reads the positions of one group in one topic. `beganEmpty` is decided by the first call for the ledger, in
 * whichever process, and is the same ever after.
 * `advance` saves positions in as few requests as it can, and moves each forward only, whoever saves at once: a position
 * with a lower `next` than the saved one changes nothing. Cut off, some of them may be saved.
 * `reset` saves positions whatever was saved before.
 * All reject with `DependencyUnavailable`, and can be repeated.
 */
export interface ConsumerPositions {
  of(group: string, topic: string): Promise<LedgerPositions>;
  advance(positions: readonly PartitionPosition[]): Promise<void>;
  reset(positions: readonly PartitionPosition[]): Promise<void>;
}
