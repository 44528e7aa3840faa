import type { Batch } from 'kafkajs';
import type { CancelTimer, Clock } from '../../application/ports/clock.js';
import type { PartitionReader, RecordSubscriber } from '../../application/ports/record-feed.js';
import type { LogRecord } from '../../application/ports/record-log.js';
import { logRecord } from './kafka-record.js';

/** What an assignment asks of the consumer that has it. */
export interface AssignmentHost {
  readonly clock: Clock;
  pause(partition: number): void;
  resume(partition: number): void;
  commit(partition: number, next: number): Promise<void>;
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
  /** The next offset to be delivered, as far as the reader has told. */
  private delivered = 0;
  private lastReceived = -1;
  private waiting = false;
  private over = false;
  private quietSince: number;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly host: AssignmentHost,
  ) {
    this.quietSince = host.clock.now();
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

  begin(subscriber: RecordSubscriber, offset: number): void {
    this.position = offset;
    this.delivered = offset;
    const { topic, partition } = this;
    this.reader = subscriber.assigned({ topic, partition, commit: (next) => this.commit(next) });
  }

  /** Reading goes on further ahead: what lies between is gone. */
  moveTo(offset: number): void {
    this.position = offset;
  }

  /** kafkajs has stepped over what is no record (a transaction's marker, say). */
  skip(firstOffset: number, lastOffset: number): void {
    if (this.reader && firstOffset <= this.position) this.position = Math.max(this.position, lastOffset + 1);
  }

  /** Hands over what of the batch was not yet received. Resolves when kafkajs may fetch again; never rejects. */
  async take({ messages }: Batch, lastOffset: number): Promise<void> {
    const { reader } = this;
    if (!reader || this.over) return;
    const records: LogRecord[] = [];
    for (const message of messages)
      if (Number(message.offset) >= this.position)
        records.push(logRecord(this.topic, this.partition, message));
    this.position = Math.max(this.position, lastOffset + 1);
    this.quietSince = this.host.clock.now();
    this.lastReceived = records.at(-1)?.offset ?? this.lastReceived;
    if (records.length > 0) await this.hand(reader, records);
  }

  /** Records not yet delivered, given where the partition ends. */
  lag(high: number): number {
    // Behind the last record there may be what is none, or what is gone.
    const delivered = this.delivered > this.lastReceived ? this.position : this.delivered;
    return Math.max(0, high - delivered);
  }

  /** For how long it has had something to read, was ready for it, and nothing came; in milliseconds. */
  quietFor(high: number | undefined): number {
    const now = this.host.clock.now();
    const waits = !this.waiting && (this.reader === undefined || (high ?? 0) > this.position);
    if (!waits) this.quietSince = now;
    return now - this.quietSince;
  }

  /** Nothing can be told of it while the log does not answer. */
  excuse(): void {
    this.quietSince = this.host.clock.now();
  }

  async drain(): Promise<void> {
    if (!this.over) await this.reader?.drain();
  }

  revoke(): void {
    if (this.over) return;
    this.over = true;
    this.reader?.revoked();
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

  private commit(next: number): Promise<void> {
    if (this.over) return Promise.resolve();
    this.delivered = Math.max(this.delivered, next);
    return this.host.commit(this.partition, next);
  }
}
