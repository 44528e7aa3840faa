import type { ConsumerPosition } from '../../../domain/delivery/consumer-position.js';

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
 * Stores the positions of consumer groups in the ledger, together with the messages that they cover, so that a
 * restored copy of the ledger has the positions of that copy.
 *
 * `of` reads the positions of one group in one topic. The first call for a ledger, in any process, decides
 * `beganEmpty`, which never changes afterwards.
 *
 * `advance` saves positions in as few requests as it can and only moves them forward, also when several processes
 * save concurrently: a position with a lower `next` than the saved one changes nothing. If it fails, some of the
 * positions may be saved.
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
