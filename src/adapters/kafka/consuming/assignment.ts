import type { Batch } from 'kafkajs';
import type { CancelTimer, Clock } from '../../../application/ports/clock.js';
import type { PartitionReader, RecordSubscriber } from '../../../application/ports/log/record-feed.js';
import type { LogRecord } from '../../../application/ports/log/record-log.js';
import type { ConsumerPosition, RecordDigest } from '../../../domain/delivery/consumer-position.js';
import { logRecord } from './kafka-record.js';
import type { Position, Standing } from './offsets/start-offsets.js';
import { digestOf } from './offsets/record-digest.js';

/** What an assignment asks of the consumer that has it. */
export interface AssignmentHost {
  readonly clock: Pick<Clock, 'elapsed' | 'after'>;
  pause(partition: number): void;
  resume(partition: number): void;
  commit(partition: number, position: ConsumerPosition): void;
}

/**
 * How long a batch waits within kafkajs for its reader to be ready. It holds up the other partitions and the
 * heartbeats meanwhile; beyond it the partition is paused, which costs a fetch when it goes on.
 */
const PATIENCE_MS = 100;

/** One partition in one generation of the group, from the offset on where it begins. */
export class Assignment {
  private reader: PartitionReader | undefined;
  /** The next offset to be received. */
  private position = 0;
  /** The offset that kafkajs fetches from next. */
  private fetchFrom = 0;
  /** What has been delivered, as far as the reader has told. */
  private delivered: Omit<ConsumerPosition, 'lost'> = { next: 0 };
  /** The last record before the position. */
  private last: RecordDigest | undefined;
  /** Still to be compared with what the log has there. */
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

  /** The reader has a batch, and is not ready for more. */
  get isWaiting(): boolean {
    return this.waiting;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Undefined before `begin`. */
  get next(): number | undefined {
    return this.reader && this.position;
  }

  /** What it knows when it asks where to go on. */
  get standing(): Standing {
    const { reader, isSuspected, isCut } = this;
    const reached = reader && positionAt(this.position, this.lost, this.last);
    return { reached, isSuspected, isCut };
  }

  /** The record before the position has yet to be read again. */
  get pendingReread(): RecordDigest | undefined {
    return this.toReread;
  }

  /** On a cut log it has to begin anew, and is still busy with records that only it has. */
  get mustFinishFirst(): boolean {
    return this.reader !== undefined && (this.isSuspected || this.isCut) && !this.isIdle;
  }

  /** Where kafkajs has to fetch from. */
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

  /** Reading goes on there: what lies between is gone. */
  moveTo({ offset, lost, last, reread }: Position): void {
    this.position = offset;
    this.lost = lost;
    this.last = last;
    this.isSuspected = false;
    this.toReread = reread ? last : undefined;
    this.fetchFrom = this.toReread?.offset ?? offset;
  }

  /** The log seems to end below the position; it is asked once more. */
  suspect(): void {
    this.isSuspected = true;
  }

  /** Whether it has seemed so, with no progress, since it was asked the last time. */
  hasLongEnded(high: number | undefined): boolean {
    const before = this.endedBelow;
    this.endedBelow = this.reader && high !== undefined && high < this.position ? this.position : undefined;
    return before !== undefined && before === this.endedBelow;
  }

  /** False where kafkajs went on elsewhere: the log has nothing at the offset that was to be fetched. */
  expects(fetchedFrom: number): boolean {
    return fetchedFrom === this.fetchFrom;
  }

  /** Compares what is to be read again. False where the log has another record there: it was cut. */
  isSameLog({ messages: [first] }: Batch): boolean {
    const expected = this.toReread;
    if (expected === undefined || first === undefined) return true;
    this.toReread = undefined;
    const found = logRecord(this.topic, this.partition, first);
    this.isCut = found.offset === expected.offset && digestOf(found).hash !== expected.hash;
    return !this.isCut;
  }

  /** kafkajs has stepped over what is no record (a transaction's marker, say). */
  skip(firstOffset: number, lastOffset: number): void {
    // Elsewhere: the next batch shows it.
    if (!this.reader || firstOffset > this.position || lastOffset < this.fetchFrom) return;
    this.goneTo(lastOffset);
    if (this.toReread && this.toReread.offset <= lastOffset) this.toReread = undefined;
  }

  /** Hands over what of the batch was not yet received. Resolves when kafkajs may fetch again; never rejects. */
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

  /** Records not yet delivered, given where the partition ends. */
  lag(high: number): number {
    // Behind the last record there may be what is none, or what is gone.
    return Math.max(0, high - (this.isIdle ? this.position : this.delivered.next));
  }

  /** For how long it has had something to read, was ready for it, and nothing came; in milliseconds. */
  quietFor(high: number | undefined): number {
    const now = this.host.clock.elapsed();
    const waits = !this.waiting && (this.reader === undefined || (high ?? 0) > this.position);
    if (!waits) this.quietSince = now;
    return now - this.quietSince;
  }

  /** Nothing can be told of it while the log does not answer. */
  excuse(): void {
    this.quietSince = this.host.clock.elapsed();
  }

  /** Commits once more what was committed last. kafkajs puts an offset of its own there when it is out of range. */
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

  /** All that was received is delivered. */
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
