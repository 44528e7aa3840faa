import type { Admin } from 'kafkajs';
import type { Logger } from '../../application/ports/logger.js';
import { fetchGroupOffsets, startAt } from './group-offset.js';
import { fetchEnds } from './log-ends.js';

/** Records that the log dropped before a group had them delivered; at least so many. */
export interface LostRecords {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly count: number;
}

/** Where one partition goes on. */
export interface Position {
  readonly offset: number;
  /** Lost and not acknowledged, now and earlier. */
  readonly lost: number;
  /** The group's commit has to be brought in line with this. */
  readonly isNew: boolean;
}

export interface PositionSources {
  ask<T>(work: (admin: Admin) => Promise<T>): Promise<T>;
  readonly logger: Logger;
  /** What earlier runs found lost has been taken note of. */
  readonly acknowledgeLost: boolean;
  readonly onLostRecords: (lost: LostRecords) => void;
}

/** Tells where partitions go on, and notices where the log has dropped what was to come next. */
export class Positions {
  private readonly acknowledged = new Set<number>();

  constructor(
    private readonly group: string,
    private readonly topic: string,
    private readonly sources: PositionSources,
  ) {}

  /**
   * For each partition that is asked for, with the offset that it has come to; undefined: as the group has committed.
   * Rejects while the log does not answer.
   */
  async find(wanted: ReadonlyMap<number, number | undefined>): Promise<ReadonlyMap<number, Position>> {
    const { group, topic } = this;
    const [committed, ends] = await this.sources.ask((admin) =>
      Promise.all([fetchGroupOffsets(admin, group, topic), fetchEnds(admin, topic)]),
    );
    const found = new Map<number, Position>();
    for (const [partition, reached] of wanted) {
      const end = ends.get(partition);
      if (end === undefined) throw new Error(`Nothing is known of partition ${String(partition)}`);
      const before = committed.get(partition) ?? { next: undefined, lost: 0 };
      const next = reached ?? before.next;
      const start = startAt(next, end);
      if (start.lost > 0) this.tell(partition, next, start.offset, start.lost);
      const lost = (this.isAcknowledged(partition) ? 0 : before.lost) + start.lost;
      found.set(partition, { offset: start.offset, lost, isNew: lost !== before.lost });
    }
    return found;
  }

  /** Once a run, so that what is lost later in the same run is not taken for known. */
  private isAcknowledged(partition: number): boolean {
    if (!this.sources.acknowledgeLost || this.acknowledged.has(partition)) return false;
    this.acknowledged.add(partition);
    return true;
  }

  private tell(partition: number, from: number | undefined, to: number, count: number): void {
    const { group, topic } = this;
    this.sources.logger.error('log.records-lost', { group, topic, partition, from, to, count });
    this.sources.onLostRecords({ group, topic, partition, count });
  }
}
