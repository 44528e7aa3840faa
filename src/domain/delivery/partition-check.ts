import type { RecordPosition } from '../identity.js';

/** Returns the partition in which the producers of a topic put the records with this key. */
export type PartitionOf = (key: string, partitions: number) => number;

/** A topic at one moment: the number of its partitions, and the end offset of each that has a leader. */
export interface TopicLayout {
  readonly partitions: number;
  readonly ends: ReadonlyMap<number, number>;
}

export interface MisplacedRecord extends RecordPosition {
  readonly recipientPartition: number;
}

export interface Misplaced {
  readonly count: number;
  /** The first of them. */
  readonly example: MisplacedRecord;
}

/** Producers refresh their metadata every five minutes by default. Until then they use the old number of partitions. */
const PRODUCERS_LEARN_MS = 600_000;

/**
 * Finds records outside the partition of their recipient, whose order is not kept.
 *
 * A record was placed by the number of partitions at its time, so it checks only records that are newer than the
 * first layout with the present number of partitions. A record may also be newer than the last layout. One later layout
 * does not prove that it is misplaced, because that layout may have been fetched before the record arrived. So the record
 * counts as misplaced only when two later layouts show the same number of partitions.
 */
export class PartitionCheck {
  /** The present number of partitions; 0 before the first layout. */
  private partitions = 0;
  /** By partition: the offset of the first record to check. */
  private readonly begin = new Map<number, number>();
  private beginAfter = -Infinity;
  /** Found since the last layout. */
  private fresh: Misplaced | undefined;
  /** Found between the last two layouts. */
  private seenOnce: Misplaced | undefined;

  constructor(private readonly partitionOf: PartitionOf) {}

  check({ topic, partition, offset }: RecordPosition, recipient: string): void {
    const begin = this.begin.get(partition);
    if (begin === undefined || offset < begin) return;
    const recipientPartition = this.partitionOf(recipient, this.partitions);
    if (recipientPartition === partition) return;
    const example = this.fresh?.example ?? { topic, partition, offset, recipientPartition };
    this.fresh = { count: (this.fresh?.count ?? 0) + 1, example };
  }

  /** Takes a new layout, and returns the records that it confirms as misplaced. `now` is an elapsed time in ms. */
  observe({ partitions, ends }: TopicLayout, now: number): Misplaced | undefined {
    if (partitions !== this.partitions) this.change(partitions, now);
    if (now >= this.beginAfter) {
      // An end below the beginning means that the topic was created again.
      for (const [partition, end] of ends)
        this.begin.set(partition, Math.min(end, this.begin.get(partition) ?? end));
    }
    const confirmed = this.seenOnce;
    this.seenOnce = this.fresh;
    this.fresh = undefined;
    return confirmed;
  }

  private change(partitions: number, now: number): void {
    if (this.partitions > 0) this.beginAfter = now + PRODUCERS_LEARN_MS;
    this.partitions = partitions;
    this.begin.clear();
    this.fresh = undefined;
    this.seenOnce = undefined;
  }
}
