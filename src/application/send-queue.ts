import { RecordTooLarge, SendFailed } from './errors.js';
import type { CancelTimer, Clock } from './ports/clock.js';
import type { AppendResult, NewRecord, RecordLog } from './ports/record-log.js';
import type { BoundedSender, RunSender } from './record-sender.js';
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
export class SendQueue implements BoundedSender, RunSender {
  private waiting: PendingSend[] = [];
  private waitingRecords = 0;
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
    return this.waitingRecords;
  }

  get obstacle(): SendFailed | undefined {
    return this.obstacleTo(1, 0);
  }

  send(record: NewRecord): Promise<void> {
    const size = sizeOf(record);
    const obstacle = this.obstacleTo(1, size);
    if (obstacle !== undefined) return Promise.reject(obstacle);
    return new Promise((resolve, reject) => {
      this.enqueue([record], size, reject, (results, place) => {
        if (results[place] === 'too-large')
          reject(new RecordTooLarge('The log refuses the record as too large'));
        else resolve();
      });
    });
  }

  async sendAll(records: readonly NewRecord[]): Promise<readonly AppendResult[]> {
    const results: AppendResult[] = [];
    for (let rest = records; rest.length > 0; rest = records.slice(results.length)) {
      const { count, bytes } = fitting(rest.map((record) => ({ records: [record], size: sizeOf(record) })));
      try {
        results.push(...(await this.sendTogether(rest.slice(0, count), bytes)));
      } catch {
        break;
      }
    }
    return results;
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

  private sendTogether(records: readonly NewRecord[], size: number): Promise<readonly AppendResult[]> {
    const obstacle = this.obstacleTo(records.length, size);
    if (obstacle !== undefined) return Promise.reject(obstacle);
    return new Promise((resolve, reject) => {
      this.enqueue(records, size, reject, (results, first) => {
        resolve(results.slice(first, first + records.length));
      });
    });
  }

  private obstacleTo(records: number, size: number): SendFailed | undefined {
    if (this.closing) return SHUTTING_DOWN;
    const { maxRecords = QUEUE_MAX_RECORDS, maxBytes = QUEUE_MAX_BYTES } = this.settings;
    const isFull = this.waitingRecords + records > maxRecords || this.waitingBytes + size > maxBytes;
    return isFull ? FULL : undefined;
  }

  private enqueue(
    records: readonly NewRecord[],
    size: number,
    reject: PendingSend['reject'],
    resolve: PendingSend['resolve'],
  ): void {
    const deadline = this.clock.elapsed() + this.settings.timeoutMs;
    this.waiting.push({ records, size, deadline, resolve, reject });
    this.waitingRecords += records.length;
    this.waitingBytes += size;
    if (this.onItsWay === undefined) void this.drain();
    this.watchDeadline();
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
    return this.remove(fitting(this.waiting).count);
  }

  private remove(count: number): PendingSend[] {
    const removed = this.waiting.splice(0, count);
    for (const { records, size } of removed) {
      this.waitingRecords -= records.length;
      this.waitingBytes -= size;
    }
    return removed;
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
    for (const send of this.remove(first < 0 ? this.waiting.length : first)) {
      send.reject(new SendFailed('not-sent', cause));
    }
    this.onItsWay?.expire(now, cause);
  }
}

/** How many of the first sends make one append, and their bytes. The first one is always taken, however large it is. */
function fitting(sends: readonly Pick<PendingSend, 'records' | 'size'>[]): { count: number; bytes: number } {
  let [count, records, bytes] = [0, 0, 0];
  for (const send of sends) {
    const isFull = records + send.records.length > BATCH_MAX_RECORDS || bytes + send.size > BATCH_MAX_BYTES;
    if (count > 0 && isFull) break;
    count += 1;
    records += send.records.length;
    bytes += send.size;
  }
  return { count, bytes };
}

function sizeOf({ key, value, headers }: NewRecord): number {
  let size = (key?.length ?? 0) + (value?.length ?? 0);
  for (const name in headers) size += name.length + (headers[name]?.length ?? 0);
  return size;
}
