import type { Admin } from 'kafkajs';
import type { Logger } from '../../../../application/ports/telemetry.js';
import type { ConsumerPosition, RecordDigest } from '../../../../domain/delivery/consumer-position.js';
import type { ConsumerPositions, PartitionPosition } from '../../../../application/ports/ledger.js';
import { fetchGroupOffsets, startAt, startOfCutLog, type Start } from './group-offset.js';
import { fetchWatermarks, type Watermarks } from '../../topics/watermarks.js';
import { reachedPoint, startingPoint, type StartingPoint } from './starting-point.js';

/** Records that the log dropped before they were delivered to a group. `count` is a lower bound. */
export interface LostRecords {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly count: number;
}

/** What an assignment knows when it asks for its position. */
export interface AssignmentProgress {
  /** Its own progress. Undefined before it has begun: then the positions of Kafka and the ledger count. */
  readonly reached: ConsumerPosition | undefined;
  /** The previous answer, at least 1 s ago, was that the log ends below the position. */
  readonly isSuspected: boolean;
  /** The log has another record before the position than the one that was read: it was truncated or recreated. */
  readonly isCut: boolean;
}

/** The position at which one partition continues. */
export interface Position {
  readonly offset: number;
  /** Unacknowledged lost records, including earlier ones. */
  readonly lost: number;
  /** The last finished record before `offset`; absent if unknown. */
  readonly last?: RecordDigest;
  /** Whether the log may still have `last`, which must then be reread first to check that it is the same record. */
  readonly reread: boolean;
  /** Whether the log was truncated or recreated. Then none of its records was delivered, whatever their offsets. */
  readonly isCut: boolean;
  /** Whether the group must commit this position, because its last commit differs. */
  readonly isNew: boolean;
}

export interface PositionSources {
  ask<T>(work: (admin: Admin) => Promise<T>): Promise<T>;
  readonly ledger: ConsumerPositions;
  readonly logger: Logger;
  /** Whether the losses that earlier runs found are acknowledged. */
  readonly acknowledgeLost: boolean;
  readonly onLostRecords: (lost: LostRecords) => void;
}

/** The result for one partition. */
interface Finding {
  readonly partition: number;
  readonly point: StartingPoint;
  readonly start: Start;
  /** Whether earlier losses are acknowledged now. */
  readonly acknowledges: boolean;
  readonly position: Position;
}

const NOWHERE = { position: undefined, lost: 0, furthest: 0 };

/** Consumers that may end while they reread a record. The next one delivers without rereading it. */
const REREAD_ATTEMPTS = 2;

/** Finds the positions at which partitions continue, and detects records that the log dropped before delivery. */
export class StartOffsets {
  private readonly acknowledged = new Set<number>();
  private readonly failedRereads = new Map<string, number>();

  constructor(
    private readonly group: string,
    private readonly topic: string,
    private readonly sources: PositionSources,
  ) {}

  /**
   * Finds the position of each wanted partition. `seems-cut`: the log seems to end below the position; ask again after
   * 1 s, since a newly elected leader may not know the end yet. Partitions whose leader does not answer are absent.
   * Rejects if the log or the ledger does not answer.
   */
  async find(
    wanted: ReadonlyMap<number, AssignmentProgress>,
  ): Promise<ReadonlyMap<number, Position | 'seems-cut'>> {
    const points = await this.startingPoints(wanted);
    // Read the ends after the positions, which may otherwise seem to be beyond them.
    const ends = await this.sources.ask((admin) => fetchWatermarks(admin, this.topic));
    const findings: Finding[] = [];
    const seemCut: number[] = [];
    for (const [partition, progress] of wanted) {
      const end = ends.get(partition);
      if (end === undefined) continue;
      const point = points.get(partition) ?? NOWHERE;
      const isBeyond = point.furthest > end.high;
      if (isBeyond && !progress.isSuspected && !progress.isCut) seemCut.push(partition);
      else findings.push(this.finding(partition, progress, point, end, isBeyond || progress.isCut));
    }
    await this.repairLedger(findings);
    // Only after the repair: if it fails, the caller asks for the same partitions again.
    for (const finding of findings) this.tell(finding);
    return new Map<number, Position | 'seems-cut'>([
      ...seemCut.map((partition) => [partition, 'seems-cut'] as const),
      ...findings.map(({ partition, position }) => [partition, position] as const),
    ]);
  }

  /** Counts a consumer that ended before it had reread this record. */
  rereadFailed(partition: number, last: RecordDigest): void {
    const key = rereadKey(partition, last);
    this.failedRereads.set(key, (this.failedRereads.get(key) ?? 0) + 1);
  }

  private async startingPoints(
    wanted: ReadonlyMap<number, AssignmentProgress>,
  ): Promise<ReadonlyMap<number, StartingPoint>> {
    const points = new Map<number, StartingPoint>();
    const unknown: number[] = [];
    for (const [partition, { reached }] of wanted)
      if (reached) points.set(partition, reachedPoint(reached));
      else unknown.push(partition);
    if (unknown.length === 0) return points;
    const { group, topic, sources } = this;
    // Read the ledger after Kafka. Otherwise its positions may wrongly seem to be behind.
    const committed = await sources.ask((admin) => fetchGroupOffsets(admin, group, topic));
    const { positions, beganEmpty } = await sources.ledger.of(group, topic);
    for (const partition of unknown)
      points.set(partition, startingPoint(committed.get(partition), positions.get(partition), beganEmpty));
    return points;
  }

  private finding(
    partition: number,
    progress: AssignmentProgress,
    point: StartingPoint,
    end: Watermarks,
    isCut: boolean,
  ): Finding {
    const { position: before } = point;
    const start = isCut ? startOfCutLog(end) : startAt(before?.next, end);
    const acknowledges = progress.reached === undefined && this.mayAcknowledge(partition);
    const lost = (acknowledges ? 0 : point.lost) + start.lost;
    const last = start.lost === 0 ? before?.last : undefined;
    const isThere = last !== undefined && last.offset >= end.low && last.offset < start.offset;
    const reread = isThere && !this.isGivenUp(partition, last);
    const isNew = lost !== point.lost;
    const position = { offset: start.offset, lost, ...(last && { last }), reread, isCut, isNew };
    return { partition, point, start, acknowledges, position };
  }

  /** Corrects the ledger if it is ahead of Kafka, if an earlier version saved none, or if the log was truncated. */
  private async repairLedger(findings: readonly Finding[]): Promise<void> {
    const { ledger } = this.sources;
    const isReset = ({ point, position }: Finding): boolean => point.repair === 'reset' || position.isCut;
    const back = findings.filter(isReset);
    if (back.length > 0) await ledger.reset(back.map((finding) => this.row(finding)));
    const forward = findings.filter((finding) => finding.point.repair === 'advance' && !isReset(finding));
    if (forward.length > 0) await ledger.advance(forward.map((finding) => this.row(finding)));
  }

  private row({ partition, position: { offset: next, lost, last } }: Finding): PartitionPosition {
    const { group, topic } = this;
    return { group, topic, partition, position: last ? { next, lost, last } : { next, lost } };
  }

  private tell({
    partition,
    point: { position, furthest, behind },
    start,
    acknowledges,
    position: { isCut },
  }: Finding): void {
    const { group, topic } = this;
    if (acknowledges) this.acknowledged.add(partition);
    if (behind) this.sources.logger.warn('log.ledger-behind', { group, topic, partition, ...behind });
    if (start.lost > 0) this.report(partition, isCut ? furthest : position?.next, start, isCut);
  }

  /** Acknowledges once per run, so that later losses of the same run are not acknowledged. */
  private mayAcknowledge(partition: number): boolean {
    return this.sources.acknowledgeLost && !this.acknowledged.has(partition);
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
