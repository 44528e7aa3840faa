import type { Admin } from 'kafkajs';
import type { Logger } from '../../../../application/ports/logger.js';
import type { ConsumerPosition, RecordDigest } from '../../../../domain/delivery/consumer-position.js';
import type {
  ConsumerPositions,
  PartitionPosition,
} from '../../../../application/ports/delivery/consumer-positions.js';
import { fetchGroupOffsets, startAt, startOfCutLog, type Start } from './group-offset.js';
import { fetchWatermarks, type Watermarks } from '../../topics/watermarks.js';
import { reachedPoint, startingPoint, type StartingPoint } from './starting-point.js';

/** Records that the log dropped before a group had them delivered; at least so many. */
export interface LostRecords {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly count: number;
}

/** What an assignment knows when it asks where to go on. */
export interface Standing {
  /** How far it has come; undefined before it has begun: as far as Kafka and the ledger say. */
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
  readonly ledger: ConsumerPositions;
  readonly logger: Logger;
  /** What earlier runs found lost has been taken note of. */
  readonly acknowledgeLost: boolean;
  readonly onLostRecords: (lost: LostRecords) => void;
}

/** What was found out of one partition. */
interface Finding {
  readonly partition: number;
  readonly point: StartingPoint;
  readonly start: Start;
  /** What was lost before counts as taken note of. */
  readonly acknowledges: boolean;
  readonly position: Position;
}

const NOWHERE = { position: undefined, lost: 0, furthest: 0 };

/** Consumers in a row that may end while they reread a record. The next one delivers without having seen it. */
const REREAD_ATTEMPTS = 2;

/** Tells where partitions go on, and notices where the log has dropped what was to come next. */
export class StartOffsets {
  private readonly acknowledged = new Set<number>();
  private readonly failedRereads = new Map<string, number>();

  constructor(
    private readonly group: string,
    private readonly topic: string,
    private readonly sources: PositionSources,
  ) {}

  /**
   * For each partition that is asked for. `seems-cut`: the log seems to end below the position; ask again after 1 s, since
   * a leader that has just been elected may not know the end yet. A partition is missing while its leader does not
   * answer. Rejects while the log or the ledger does not answer.
   */
  async find(wanted: ReadonlyMap<number, Standing>): Promise<ReadonlyMap<number, Position | 'seems-cut'>> {
    const points = await this.startingPoints(wanted);
    // After the positions: asked before them, the ends may be older.
    const ends = await this.sources.ask((admin) => fetchWatermarks(admin, this.topic));
    const findings: Finding[] = [];
    const seemCut: number[] = [];
    for (const [partition, standing] of wanted) {
      const end = ends.get(partition);
      if (end === undefined) continue;
      const point = points.get(partition) ?? NOWHERE;
      const isBeyond = point.furthest > end.high;
      if (isBeyond && !standing.isSuspected && !standing.isCut) seemCut.push(partition);
      else findings.push(this.finding(partition, standing, point, end, isBeyond || standing.isCut));
    }
    await this.repairLedger(findings);
    // Only now: until here, the same is asked for again.
    for (const finding of findings) this.tell(finding);
    return new Map<number, Position | 'seems-cut'>([
      ...seemCut.map((partition) => [partition, 'seems-cut'] as const),
      ...findings.map(({ partition, position }) => [partition, position] as const),
    ]);
  }

  /** A consumer has ended before it had read this record again. */
  rereadFailed(partition: number, last: RecordDigest): void {
    const key = rereadKey(partition, last);
    this.failedRereads.set(key, (this.failedRereads.get(key) ?? 0) + 1);
  }

  private async startingPoints(
    wanted: ReadonlyMap<number, Standing>,
  ): Promise<ReadonlyMap<number, StartingPoint>> {
    const points = new Map<number, StartingPoint>();
    const unknown: number[] = [];
    for (const [partition, { reached }] of wanted)
      if (reached) points.set(partition, reachedPoint(reached));
      else unknown.push(partition);
    if (unknown.length === 0) return points;
    const { group, topic, sources } = this;
    // After Kafka's positions: asked before them, the ledger's may only seem to be behind.
    const committed = await sources.ask((admin) => fetchGroupOffsets(admin, group, topic));
    const { positions, beganEmpty } = await sources.ledger.of(group, topic);
    for (const partition of unknown)
      points.set(partition, startingPoint(committed.get(partition), positions.get(partition), beganEmpty));
    return points;
  }

  private finding(
    partition: number,
    standing: Standing,
    point: StartingPoint,
    end: Watermarks,
    isCut: boolean,
  ): Finding {
    const { position: before } = point;
    const start = isCut ? startOfCutLog(end) : startAt(before?.next, end);
    const acknowledges = standing.reached === undefined && this.mayAcknowledge(partition);
    const lost = (acknowledges ? 0 : point.lost) + start.lost;
    const last = start.lost === 0 ? before?.last : undefined;
    const isThere = last !== undefined && last.offset >= end.low && last.offset < start.offset;
    const reread = isThere && !this.isGivenUp(partition, last);
    const isNew = lost !== point.lost;
    const position = { offset: start.offset, lost, ...(last && { last }), reread, isCut, isNew };
    return { partition, point, start, acknowledges, position };
  }

  /** The ledger's positions must not lead, or be missing where a commit says that there is one. */
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

  /** Once a run, so that what is lost later in the same run is not taken for known. */
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
