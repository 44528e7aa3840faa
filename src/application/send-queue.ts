import { SendFailed } from './errors.js';
import type { CancelTimer, Clock } from './ports/clock.js';
import type { NewRecord, RecordLog } from './ports/record-log.js';
import type { BoundedSender } from './record-sender.js';
import { SendBatch, type PendingSend } from './send-batch.js';

export interface SendQueueSettings {
  /** How long one send may take. */
  readonly timeoutMs: number;
  /** What may wait, besides the batch on its way. */
  readonly maxRecords?: number;
  readonly maxBytes?: number;
}

const BATCH_MAX_RECORDS = 500;
const BATCH_MAX_BYTES = 512 * 1024;
const QUEUE_MAX_RECORDS = 20_000;
const QUEUE_MAX_BYTES = 64 * 1024 * 1024;

// Made once: under overload, making errors would be most of the work.
const FULL = new SendFailed('not-sent', new Error('Too many sends are waiting for the log'));
const SHUTTING_DOWN = new SendFailed('not-sent', new Error('The program is shutting down'));

/**
 * Gathers sends into batches: a send goes at once when nothing is on its way, otherwise with all that came meanwhile.
 * So the log's own speed decides how many share an append, and an idle log answers without delay.
 */
export class SendQueue implements BoundedSender {
  private waiting: PendingSend[] = [];
  private waitingBytes = 0;
  private onItsWay: SendBatch | undefined;
  // One timer, for the send whose deadline comes first: all have the same time, so that is the oldest.
  private cancelTimer: CancelTimer | undefined;
  private closing: Promise<void> | undefined;
  private whenIdle: () => void = () => undefined;

  constructor(
    private readonly log: RecordLog,
    private readonly clock: Pick<Clock, 'elapsed' | 'after'>,
    private readonly settings: SendQueueSettings,
  ) {}

  /** Records that wait for their append. */
  get length(): number {
    return this.waiting.length;
  }

  get obstacle(): SendFailed | undefined {
    return this.obstacleTo(0);
  }

  send(record: NewRecord): Promise<void> {
    const size = sizeOf(record);
    const obstacle = this.obstacleTo(size);
    if (obstacle !== undefined) return Promise.reject(obstacle);
    return new Promise((resolve, reject) => {
      const deadline = this.clock.elapsed() + this.settings.timeoutMs;
      this.waiting.push({ record, size, deadline, resolve, reject });
      this.waitingBytes += size;
      if (this.onItsWay === undefined) void this.drain();
      this.watchDeadline();
    });
  }

  /**
   * Takes no more sends, and resolves when every one is answered: after `timeoutMs` those that still wait have not
   * been sent, and of those on their way nobody knows. The log stays open. May be called twice.
   */
  close(timeoutMs: number): Promise<void> {
    this.closing ??= new Promise((resolve) => {
      if (this.onItsWay === undefined) {
        resolve();
        return;
      }
      const cancel = this.clock.after(timeoutMs, () => {
        this.expire(Infinity, new Error('The program is shutting down'));
        resolve();
      });
      this.whenIdle = () => {
        cancel();
        resolve();
      };
    });
    return this.closing;
  }

  private obstacleTo(size: number): SendFailed | undefined {
    if (this.closing) return SHUTTING_DOWN;
    const { maxRecords = QUEUE_MAX_RECORDS, maxBytes = QUEUE_MAX_BYTES } = this.settings;
    const isFull = this.waiting.length >= maxRecords || this.waitingBytes + size > maxBytes;
    return isFull ? FULL : undefined;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = new SendBatch(this.take());
      this.onItsWay = batch;
      try {
        batch.succeed(await this.log.append(batch.records, batch.signal));
      } catch (error) {
        batch.fail(error);
      }
    }
    this.onItsWay = undefined;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.whenIdle();
  }

  private take(): PendingSend[] {
    let count = 0;
    let bytes = 0;
    for (const { size } of this.waiting) {
      if (count === BATCH_MAX_RECORDS || (count > 0 && bytes + size > BATCH_MAX_BYTES)) break;
      count += 1;
      bytes += size;
    }
    this.waitingBytes -= bytes;
    return this.waiting.splice(0, count);
  }

  private watchDeadline(): void {
    if (this.cancelTimer !== undefined) return;
    const deadline = this.onItsWay?.deadline ?? this.waiting[0]?.deadline;
    if (deadline === undefined) return;
    this.cancelTimer = this.clock.after(Math.max(0, deadline - this.clock.elapsed()), () => {
      this.cancelTimer = undefined;
      this.expire(this.clock.elapsed(), new Error('The log did not answer in time'));
      this.watchDeadline();
    });
  }

  private expire(now: number, cause: Error): void {
    const first = this.waiting.findIndex((send) => send.deadline > now);
    const expired = this.waiting.splice(0, first < 0 ? this.waiting.length : first);
    for (const send of expired) {
      this.waitingBytes -= send.size;
      send.reject(new SendFailed('not-sent', cause));
    }
    this.onItsWay?.expire(now, cause);
  }
}

function sizeOf({ key, value, headers }: NewRecord): number {
  let size = (key?.length ?? 0) + (value?.length ?? 0);
  for (const name in headers) size += name.length + (headers[name]?.length ?? 0);
  return size;
}
