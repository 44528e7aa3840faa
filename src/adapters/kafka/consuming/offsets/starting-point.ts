import type { ConsumerPosition } from '../../../../domain/delivery/consumer-position.js';
import type { CommittedPosition } from './group-offset.js';

/** The position at which a partition continues, before it is compared with the log's watermarks. */
export interface StartingPoint {
  /** Undefined means the earliest record. */
  readonly position: ConsumerPosition | undefined;
  /** Unacknowledged lost records. */
  readonly lost: number;
  /** The highest position that Kafka or the ledger has. A log that ends below it was truncated or recreated. */
  readonly furthest: number;
  /** How to correct the ledger's position before reading begins. */
  readonly repair?: 'advance' | 'reset';
  /** Both positions if the ledger's is lower; `ledger` is absent if the ledger has none. */
  readonly behind?: { readonly kafka: number; readonly ledger?: number };
}

export function reachedPoint(reached: ConsumerPosition): StartingPoint {
  return { position: reached, lost: reached.lost, furthest: reached.next };
}

/**
 * Returns the lower of the two positions, so that a ledger restored from a copy receives the records that it lacks, or
 * the ledger's if Kafka has forgotten the group. A ledger without a position has one of three histories:
 *
 * - It was lost, or restored from a copy older than its first position. Kafka's commit says that it had one.
 * - It was empty when it began to save positions.
 * - An earlier version, which saved no positions, filled it. Only then is Kafka's position the right one; otherwise
 *   reading begins at the earliest record.
 */
export function startingPoint(
  committed: CommittedPosition | undefined,
  kept: ConsumerPosition | undefined,
  beganEmpty: boolean,
): StartingPoint {
  const lost = (committed ?? kept)?.lost ?? 0;
  const furthest = Math.max(committed?.next ?? 0, kept?.next ?? 0);
  if (committed === undefined) return { position: kept, lost, furthest };
  const kafka = committed.next;
  if (kept === undefined) {
    if (committed.isKept || beganEmpty) return { position: undefined, lost, furthest, behind: { kafka } };
    return { position: committed, lost, furthest, repair: 'advance' };
  }
  const ledger = kept.next;
  if (ledger < kafka) return { position: kept, lost, furthest, behind: { kafka, ledger } };
  return { position: committed, lost, furthest, ...(ledger > kafka && { repair: 'reset' }) };
}
