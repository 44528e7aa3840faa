import type { ConsumerPosition } from '../../../../domain/delivery/consumer-position.js';
import type { CommittedPosition } from './group-offset.js';

/** Where a partition goes on, before the log has said what it still has. */
export interface StartingPoint {
  /** Undefined: at the earliest record. */
  readonly position: ConsumerPosition | undefined;
  /** Lost and not acknowledged. */
  readonly lost: number;
  /** As far as the group has got by any account: a log that ends before was cut. */
  readonly furthest: number;
  /** What to do with the ledger's position before reading begins. */
  readonly repair?: 'advance' | 'reset';
  /** Both positions where the ledger's is the lower one; `ledger` is absent where it has none. */
  readonly behind?: { readonly kafka: number; readonly ledger?: number };
}

export function reachedPoint(reached: ConsumerPosition): StartingPoint {
  return { position: reached, lost: reached.lost, furthest: reached.next };
}

/**
 * The lower of what Kafka and the ledger know: a ledger that was restored from a copy gets from the log what it lacks,
 * and Kafka may have forgotten the group. A ledger without a position is one of three things. It was lost, or restored
 * from a copy older than the position: Kafka's commit says that there was one. It was empty when it began to keep
 * positions. Or an earlier version, which kept none, filled it: only then Kafka's position is the right one.
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
