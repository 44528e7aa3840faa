import type { Batch } from 'kafkajs';
import type { CancelTimer, Clock } from '../../../application/ports/clock.js';
import type { PartitionReader, RecordSubscriber } from '../../../application/ports/record-feed.js';
import type { LogRecord } from '../../../application/ports/record-log.js';
import type { ConsumerPosition, RecordDigest } from '../../../domain/delivery/consumer-position.js';
import { logRecord } from './kafka-record.js';
import type { Position, AssignmentProgress } from './offsets/start-offsets.js';
import { digestOf } from './offsets/record-digest.js';

/** The operations of its consumer that an assignment uses. */
export interface AssignmentHost {
  readonly clock: Pick<Clock, 'elapsed' | 'after'>;
  pause(partition: number): void;
  resume(partition: number): void;
  commit(partition: number, position: ConsumerPosition): void;
}

/**
 * How long a batch waits inside kafkajs for its reader, which delays the other partitions and the heartbeats. After
 * that the partition is paused, which costs an extra fetch when it is resumed.
 */
const PATIENCE_MS = 100;

/** One partition while it is assigned to this process in one generation of the group. */
export class Assignment {
  private reader: PartitionReader | undefined;
  /** The offset of the next record to receive. */
  private position = 0;
  /** The offset that kafkajs fetches from next. */
  private fetchFrom = 0;
  /** The position that the reader committed last. */
  private delivered: Omit<ConsumerPosition, 'lost'> = { next: 0 };
  /** The last record before `position`. */
  private last: RecordDigest | undefined;
  /** A record that must be compared with the log's record at the same offset. */
  private toReread: RecordDigest | undefined;
  private lost = 0;
  private lastReceived = -1;
  private isSuspected = false;
  private isCut = false;
  private endedBelow: number | undefined;
  private waiting = false;
  private over = false;
  private quietSince: number;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly host: AssignmentHost,
  ) {
    this.quietSince = host.clock.elapsed();
  }

  /** Whether the reader has a batch and is not ready for more. */
  get isWaiting(): boolean {
    return this.waiting;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** The offset of the next record to receive; undefined before `begin`. */
  get next(): number | undefined {
    return this.reader && this.position;
  }

  /** What `StartOffsets.find` must know about this assignment. */
  get progress(): AssignmentProgress {
    const { reader, isSuspected, isCut } = this;
    const reached = reader && positionAt(this.position, this.lost, this.last);
    return { reached, isSuspected, isCut };
  }

  /** The record that must still be reread; undefined if there is none. */
  get pendingReread(): RecordDigest | undefined {
    return this.toReread;
  }

  /** Whether the log may be truncated and the reader must first deliver the records that it has. */
  get mustFinishFirst(): boolean {
    return this.reader !== undefined && (this.isSuspected || this.isCut) && !this.isIdle;
  }

  get fetchOffset(): number {
    return this.fetchFrom;
  }

  begin(subscriber: RecordSubscriber, position: Position): void {
    this.moveTo(position);
    const { offset, last } = position;
    this.delivered = last ? { next: offset, last } : { next: offset };
    const { topic, partition } = this;
    const commit = (next: number, record?: LogRecord): void => this.commit(next, record);
    this.reader = subscriber.assigned({ topic, partition, commit });
  }

  /** Sets the position to continue at. The log no longer has any records in between. */
  moveTo({ offset, lost, last, reread }: Position): void {
    this.position = offset;
    this.lost = lost;
    this.last = last;
    this.isSuspected = false;
    this.toReread = reread ? last : undefined;
    this.fetchFrom = this.toReread?.offset ?? offset;
  }

  /** Notes that the log seems to end below the position. The next answer decides. */
  suspect(): void {
    this.isSuspected = true;
  }

  /** Reports whether the log ended below the position at this call and at the one before, without progress between. */
  hasLongEnded(high: number | undefined): boolean {
    const before = this.endedBelow;
    this.endedBelow = this.reader && high !== undefined && high < this.position ? this.position : undefined;
    return before !== undefined && before === this.endedBelow;
  }

  /** Returns false if kafkajs fetched from another offset, because the log does not have the expected one. */
  expects(fetchedFrom: number): boolean {
    return fetchedFrom === this.fetchFrom;
  }

  /** Checks the reread record, if any. Returns false if the log has another one at its offset: it was truncated. */
  isSameLog({ messages: [first] }: Batch): boolean {
    const expected = this.toReread;
    if (expected === undefined || first === undefined) return true;
    this.toReread = undefined;
    const found = logRecord(this.topic, this.partition, first);
    this.isCut = found.offset === expected.offset && digestOf(found).hash !== expected.hash;
    return !this.isCut;
  }

  /** Moves past offsets without a record (a transaction marker, say), which kafkajs has skipped. */
  skip(firstOffset: number, lastOffset: number): void {
    // kafkajs is at another offset. `expects` detects that at the next batch.
    if (!this.reader || firstOffset > this.position || lastOffset < this.fetchFrom) return;
    this.goneTo(lastOffset);
    if (this.toReread && this.toReread.offset <= lastOffset) this.toReread = undefined;
  }

  /** Gives the reader the records that it has not received. Resolves when kafkajs may fetch again. Never rejects. */
  async take({ messages }: Batch, lastOffset: number): Promise<void> {
    const { reader } = this;
    if (!reader || this.over) return;
    const records: LogRecord[] = [];
    for (const message of messages)
      if (Number(message.offset) >= this.position)
        records.push(logRecord(this.topic, this.partition, message));
    this.goneTo(lastOffset);
    this.quietSince = this.host.clock.elapsed();
    const last = records.at(-1);
    if (last === undefined) return;
    this.lastReceived = last.offset;
    this.last = digestOf(last);
    await this.hand(reader, records);
  }

  /** Returns the number of undelivered records, given the partition's high watermark. */
  lag(high: number): number {
    // After the last delivered record there may be offsets without a record, or deleted ones.
    return Math.max(0, high - (this.isIdle ? this.position : this.delivered.next));
  }

  /** Returns for how many milliseconds it has received nothing, although it is ready and the log has records. */
  quietFor(high: number | undefined): number {
    const now = this.host.clock.elapsed();
    const waits = !this.waiting && (this.reader === undefined || (high ?? 0) > this.position);
    if (!waits) this.quietSince = now;
    return now - this.quietSince;
  }

  /** Restarts the time of `quietFor`. Called while a dependency does not answer. */
  excuse(): void {
    this.quietSince = this.host.clock.elapsed();
  }

  /** Repeats the last commit, since kafkajs commits an offset of its own if a fetch is out of range. */
  commitAgain(): void {
    this.host.commit(this.partition, { ...this.delivered, lost: this.lost });
  }

  async drain(): Promise<void> {
    if (!this.over) await this.reader?.drain();
  }

  revoke(): void {
    if (this.over) return;
    this.over = true;
    this.reader?.revoked();
  }

  private get isIdle(): boolean {
    return this.delivered.next > this.lastReceived;
  }

  private goneTo(lastOffset: number): void {
    this.fetchFrom = lastOffset + 1;
    this.position = Math.max(this.position, this.fetchFrom);
  }

  private async hand(reader: PartitionReader, records: readonly LogRecord[]): Promise<void> {
    this.waiting = true;
    let cancel: CancelTimer | undefined;
    let paused = false;
    const ready = reader.receive(records).then(() => {
      this.waiting = false;
      cancel?.();
      if (paused && !this.over) this.host.resume(this.partition);
    });
    const late = new Promise<void>((resolve) => {
      cancel = this.host.clock.after(PATIENCE_MS, resolve);
    });
    await Promise.race([ready, late]);
    if (!this.isWaiting || this.over) return;
    paused = true;
    this.host.pause(this.partition);
  }

  private commit(next: number, record: LogRecord | undefined): void {
    if (this.over) return;
    const last = record ? this.digest(record) : this.delivered.last;
    this.delivered = last ? { next, last } : { next };
    this.commitAgain();
  }

  private digest(record: LogRecord): RecordDigest {
    return record.offset === this.last?.offset ? this.last : digestOf(record);
  }
}

function positionAt(next: number, lost: number, last: RecordDigest | undefined): ConsumerPosition {
  return last ? { next, lost, last } : { next, lost };
}
