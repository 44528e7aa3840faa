import type { Admin } from 'kafkajs';
import type { Logger } from '../../application/ports/logger.js';
import type { ConsumerPosition, RecordDigest } from '../../domain/consumer-position.js';
import { fetchGroupOffsets, startAt, startOfCutLog, type CommittedPositions } from './group-offset.js';
import { fetchEnds, type Ends } from './log-ends.js';

/** Records that the log dropped before a group had them delivered; at least so many. */
export interface LostRecords {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly count: number;
}

/** What an assignment knows when it asks where to go on. */
export interface Standing {
  /** How far it has come; undefined before it has begun: as far as the group has committed. */
  readonly reached: ConsumerPosition | undefined;
  /** The answer before this one, at least 1 s ago, said that the log ends below the position. */
  readonly isSuspected: boolean;
  /** The record before the position is another one than it was. */
  readonly isCut: boolean;
}

/** Where one partition goes on. */
export interface Position {
  readonly offset: number;
  /** Lost and not acknowledged, now and earlier. */
  readonly lost: number;
  /** The last finished record before `offset`; absent where it is not known. */
  readonly last?: RecordDigest;
  /** `last` may still be in the log: it has to be read first, to see that it is the same. */
  readonly reread: boolean;
  /** The log was cut or made anew: what it has was never delivered, whatever its offsets. */
  readonly isCut: boolean;
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

/** Consumers in a row that may end while they reread a record. The next one delivers without having seen it. */
const REREAD_ATTEMPTS = 2;

/** Tells where partitions go on, and notices where the log has dropped what was to come next. */
export class Positions {
  private readonly acknowledged = new Set<number>();
  private readonly failedRereads = new Map<string, number>();

  constructor(
    private readonly group: string,
    private readonly topic: string,
    private readonly sources: PositionSources,
  ) {}

  /**
   * For each partition that is asked for. One is missing where the log seems to end below the position: to be asked for
   * again after 1 s, since a leader that has just been elected may not know the end yet. Rejects while the log does not
   * answer.
   */
  async find(wanted: ReadonlyMap<number, Standing>): Promise<ReadonlyMap<number, Position>> {
    const committed = await this.committed([...wanted.values()]);
    // After the positions: asked before them, the ends may be older.
    const ends = await this.sources.ask((admin) => fetchEnds(admin, this.topic));
    const found = new Map<number, Position>();
    for (const [partition, standing] of wanted) {
      const end = ends.get(partition);
      if (end === undefined) throw new Error(`Nothing is known of partition ${String(partition)}`);
      const before = standing.reached ?? committed.get(partition);
      const isBeyond = before !== undefined && before.next > end.high;
      if (isBeyond && !standing.isSuspected && !standing.isCut) continue;
      const isCut = isBeyond || standing.isCut;
      const isAcknowledged = standing.reached === undefined && this.isAcknowledged(partition);
      found.set(partition, this.position(partition, before, end, isCut, isAcknowledged));
    }
    return found;
  }

  /** A consumer has ended before it had read this record again. */
  rereadFailed(partition: number, last: RecordDigest): void {
    const key = rereadKey(partition, last);
    this.failedRereads.set(key, (this.failedRereads.get(key) ?? 0) + 1);
  }

  private async committed(wanted: readonly Standing[]): Promise<CommittedPositions> {
    if (wanted.every(({ reached }) => reached !== undefined)) return new Map();
    return this.sources.ask((admin) => fetchGroupOffsets(admin, this.group, this.topic));
  }

  private position(
    partition: number,
    before: ConsumerPosition | undefined,
    end: Ends,
    isCut: boolean,
    isAcknowledged: boolean,
  ): Position {
    const start = isCut ? startOfCutLog(end) : startAt(before?.next, end);
    if (start.lost > 0) this.report(partition, before?.next, start, isCut);
    const known = before?.lost ?? 0;
    const lost = (isAcknowledged ? 0 : known) + start.lost;
    const last = start.lost === 0 ? before?.last : undefined;
    const isThere = last !== undefined && last.offset >= end.low && last.offset < start.offset;
    const reread = isThere && !this.isGivenUp(partition, last);
    return { offset: start.offset, lost, ...(last && { last }), reread, isCut, isNew: lost !== known };
  }

  /** Once a run, so that what is lost later in the same run is not taken for known. */
  private isAcknowledged(partition: number): boolean {
    if (!this.sources.acknowledgeLost || this.acknowledged.has(partition)) return false;
    this.acknowledged.add(partition);
    return true;
  }

  private isGivenUp(partition: number, last: RecordDigest): boolean {
    if ((this.failedRereads.get(rereadKey(partition, last)) ?? 0) < REREAD_ATTEMPTS) return false;
    const { group, topic } = this;
    this.sources.logger.warn('log.reread-given-up', { group, topic, partition, offset: last.offset });
    return true;
  }

  private report(
    partition: number,
    from: number | undefined,
    { offset: to, lost: count }: { readonly offset: number; readonly lost: number },
    isCut: boolean,
  ): void {
    const { group, topic } = this;
    const cause = isCut ? 'cut' : 'dropped';
    this.sources.logger.error('log.records-lost', { group, topic, partition, cause, from, to, count });
    this.sources.onLostRecords({ group, topic, partition, count });
  }
}

function rereadKey(partition: number, { offset, hash }: RecordDigest): string {
  return `${String(partition)} ${String(offset)} ${hash}`;
}
