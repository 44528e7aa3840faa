import type { Admin } from 'kafkajs';
import type { ConsumerPosition, RecordDigest } from '../../../../domain/delivery/consumer-position.js';
import type { Watermarks } from '../../topics/watermarks.js';

/** The offset at which reading begins. */
export interface Start {
  readonly offset: number;
  /** A lower bound of the records that the log has dropped since the group's last position. */
  readonly lost: number;
}

export interface CommittedPosition extends ConsumerPosition {
  /** Whether the program that committed it also saves its positions in the ledger. */
  readonly isKept: boolean;
}

/** The committed positions of a group, by partition. Partitions without a commit are absent. */
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
 * Starts at `next`, or at the earliest record if the log no longer has `next`. A `next` beyond the end means that the
 * topic was truncated or recreated; then the number of lost records is unknown.
 */
export function startAt(next: number | undefined, { low, high }: Watermarks): Start {
  if (next === undefined) return { offset: low, lost: 0 };
  if (next > high) return startOfCutLog({ low, high });
  return { offset: Math.max(next, low), lost: Math.max(0, low - next) };
}

/** Starts a truncated or recreated log at its earliest record, whatever was delivered before. Counts one as lost. */
export function startOfCutLog({ low }: Watermarks): Start {
  return { offset: low, lost: 1 };
}

const LOST = /(?:^| )lost=(\d+)(?: |$)/;
const LAST = /(?:^| )last=(\d+):([0-9a-f]+)(?: |$)/;
const KEPT = /(?:^| )kept=1(?: |$)/;

/** Encodes what must survive a restart as metadata of the committed offset: `lost=N last=OFFSET:HASH kept=1`. */
export function metadataOf({ lost, last }: Omit<ConsumerPosition, 'next'>): string {
  const parts = [];
  if (lost > 0) parts.push(`lost=${String(lost)}`);
  if (last) parts.push(`last=${String(last.offset)}:${last.hash}`);
  parts.push('kept=1');
  return parts.join(' ');
}

/** Decodes the metadata of a committed offset. Ignores metadata of other programs. */
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
