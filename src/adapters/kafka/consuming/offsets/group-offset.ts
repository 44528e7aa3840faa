import type { Admin } from 'kafkajs';
import type { ConsumerPosition, RecordDigest } from '../../../../domain/delivery/consumer-position.js';
import type { Watermarks } from '../../topics/watermarks.js';

/** Where reading begins. */
export interface Start {
  readonly offset: number;
  /** Records dropped by the log since the group was here last; at least so many. */
  readonly lost: number;
}

export interface CommittedPosition extends ConsumerPosition {
  /** The program that committed it keeps its positions in the ledger too. */
  readonly isKept: boolean;
}

/** What a group has committed, by partition; without those in which it never has. */
export type CommittedPositions = ReadonlyMap<number, CommittedPosition>;

export async function fetchGroupOffsets(
  admin: Admin,
  group: string,
  topic: string,
): Promise<CommittedPositions> {
  const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const rows = found?.partitions ?? [];
  return new Map(
    rows.flatMap(({ partition, offset, metadata }) => {
      const next = Number(offset);
      return next < 0 ? [] : [[partition, { next, ...fromMetadata(metadata) }] as const];
    }),
  );
}

/**
 * At `next`, or at the earliest record where the log no longer has that. A `next` behind the end means that the topic
 * was made anew or cut: how much is gone nobody can tell.
 */
export function startAt(next: number | undefined, { low, high }: Watermarks): Start {
  if (next === undefined) return { offset: low, lost: 0 };
  if (next > high) return startOfCutLog({ low, high });
  return { offset: Math.max(next, low), lost: Math.max(0, low - next) };
}

/** At the earliest record: what was delivered before changes nothing. At least one record counts as lost. */
export function startOfCutLog({ low }: Watermarks): Start {
  return { offset: low, lost: 1 };
}

const LOST = /(?:^| )lost=(\d+)(?: |$)/;
const LAST = /(?:^| )last=(\d+):([0-9a-f]+)(?: |$)/;
const KEPT = /(?:^| )kept=1(?: |$)/;

/** Kept beside the committed offset, so that a restart does not forget it; `lost=N last=OFFSET:HASH kept=1`. */
export function metadataOf({ lost, last }: Omit<ConsumerPosition, 'next'>): string {
  const parts = [];
  if (lost > 0) parts.push(`lost=${String(lost)}`);
  if (last) parts.push(`last=${String(last.offset)}:${last.hash}`);
  parts.push('kept=1');
  return parts.join(' ');
}

/** Of what other programs leave there, nothing is understood. */
function fromMetadata(metadata: string | null): Omit<CommittedPosition, 'next'> {
  const text = metadata ?? '';
  const lost = Number(LOST.exec(text)?.[1] ?? 0);
  const last = lastIn(text);
  const isKept = KEPT.test(text);
  return last ? { lost, last, isKept } : { lost, isKept };
}

function lastIn(metadata: string): RecordDigest | undefined {
  const [, offset, hash] = LAST.exec(metadata) ?? [];
  return offset === undefined || hash === undefined ? undefined : { offset: Number(offset), hash };
}
