import type { Admin } from 'kafkajs';
import type { Ends } from './log-ends.js';

/** What a group has committed for a partition. */
export interface GroupOffset {
  /** Undefined where it never has. */
  readonly next: number | undefined;
  /** Records that the log dropped before they were delivered, which nobody has taken note of yet. */
  readonly lost: number;
}

/** Where reading begins. */
export interface Start {
  readonly offset: number;
  /** Records dropped by the log since the group was here last; at least so many. */
  readonly lost: number;
}

/** By partition. */
export async function fetchGroupOffsets(
  admin: Admin,
  group: string,
  topic: string,
): Promise<ReadonlyMap<number, GroupOffset>> {
  const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const rows = found?.partitions ?? [];
  return new Map(
    rows.map(({ partition, offset, metadata }) => {
      const next = Number(offset);
      return [partition, { next: next < 0 ? undefined : next, lost: lossIn(metadata) }];
    }),
  );
}

/**
 * At `next`, or at the earliest record where the log no longer has that. A `next` behind the end means that the topic
 * was made anew or cut: how much is gone nobody can tell.
 */
export function startAt(next: number | undefined, { low, high }: Ends): Start {
  if (next === undefined) return { offset: low, lost: 0 };
  if (next > high) return { offset: low, lost: 1 };
  return { offset: Math.max(next, low), lost: Math.max(0, low - next) };
}

const LOSS = /^lost=(\d+)$/;

/** Kept beside the committed offset, so that a restart does not forget it. */
export function metadataOf(lost: number): string | null {
  return lost > 0 ? `lost=${String(lost)}` : null;
}

function lossIn(metadata: string | null): number {
  return Number(LOSS.exec(metadata ?? '')?.[1] ?? 0);
}
