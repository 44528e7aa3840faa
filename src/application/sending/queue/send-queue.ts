import { RecordTooLarge, SendFailed } from '../../errors.js';
import { DeadlineTimer } from './deadline-timer.js';
import type { Clock } from '../../ports/clock.js';
import type { AppendResult, NewRecord, RecordLog } from '../../ports/log/record-log.js';
import type { RunAnswer, RunQueue } from '../../ports/log/record-sender.js';
import { SendBatch, type PendingSend } from './send-batch.js';
import { sendRun, sizeOf } from './send-run.js';
import { WaitingSends } from './waiting-sends.js';

export interface SendQueueSettings {
  /** How long one send may take. */
  readonly timeoutMs: number;
  /** What may wait, besides the batch on its way. */
  readonly maxRecords?: number;
  readonly maxBytes?: number;
  /** Called each time that nothing is on its way any more. */
  readonly onIdle?: () => void;
}

export const QUEUE_LIMITS = { maxRecords: 20_000, maxBytes: 64 * 1024 * 1024 };

// Made once: under overload, making errors would be most of the work.
export const FULL = new SendFailed('not-sent', new Error('Too many sends are waiting for the log'));
export const SHUTTING_DOWN = new SendFailed('not-sent', new Error('The program is shutting down'));

/**
 * Gathers sends into batches: a send goes at once when nothing is on its way, otherwise with all that came meanwhile.
 * So the log's own speed decides how many share an append, and an idle log answers without delay.
 */
export class SendQueue implements RunQueue {
  private readonly waiting = new WaitingSends();
  private inFlight: SendBatch | undefined;
  private readonly deadlines: DeadlineTimer;
  private closing: Promise<void> | undefined;
  private whenIdle: () => void = () => undefined;

  /** Made once: every send looks at them. */
  private readonly limits: typeof QUEUE_LIMITS;

  constructor(
    private readonly log: RecordLog,
    private readonly clock: Pick<Clock, 'elapsed' | 'after'>,
    private readonly settings: SendQueueSettings,
  ) {
    this.limits = { ...QUEUE_LIMITS, ...settings };
    // All sends have the same time, so the oldest one's deadline comes first.
    this.deadlines = new DeadlineTimer(
      clock,
      () => this.inFlight?.deadline ?? this.waiting.firstDeadline,
      (now, cause) => {
        this.expire(now, cause);
      },
    );
  }

  /** Records that wait for their append. */
  get length(): number {
    return this.waiting.records;
  }

  /** Of the records that wait for their append. */
  get bytes(): number {
    return this.waiting.bytes;
  }

  get rejection(): SendFailed | undefined {
    return this.rejectionOf(1, 0);
  }

  send(record: NewRecord): Promise<void> {
    const size = sizeOf(record);
    const rejection = this.rejectionOf(1, size);
    if (rejection !== undefined) return Promise.reject(rejection);
    return new Promise((resolve, reject) => {
      this.enqueue([record], size, reject, answerOne(resolve, reject));
    });
  }

  sendAll(records: readonly NewRecord[], onAnswer: (answer: RunAnswer) => void): void {
    const sent = sendRun(records, (some, bytes) => this.sendTogether(some, bytes));
    void sent.then((results) => {
      onAnswer({ places: [...records.keys()], results });
    });
  }

  /** Sends records in one append, with a result for each. */
  sendTogether(records: readonly NewRecord[], bytes: number): Promise<readonly AppendResult[]> {
    const rejection = this.rejectionOf(records.length, bytes);
    if (rejection !== undefined) return Promise.reject(rejection);
    return new Promise((resolve, reject) => {
      this.enqueue(records, bytes, reject, answerAll(records.length, resolve));
    });
  }

  /**
   * Takes over sends that were accepted elsewhere, with their deadlines: a batch that is on its way, and the sends after
   * it. Only while nothing else has been sent. There may be more of them than a queue has room for.
   */
  adopt(inFlight: SendBatch, waiting: readonly PendingSend[]): void {
    for (const send of waiting) this.waiting.push(send);
    void this.drain(inFlight);
    this.deadlines.watch();
  }

  /**
   * Takes no more sends, and resolves when every one is answered: after `timeoutMs` those that still wait have not
   * been sent, and of those on their way nobody knows. The log stays open. May be called twice.
   */
  close(timeoutMs: number): Promise<void> {
    this.closing ??= new Promise((resolve) => {
      if (this.inFlight === undefined) {
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

  private rejectionOf(records: number, size: number): SendFailed | undefined {
    if (this.closing) return SHUTTING_DOWN;
    const { maxRecords, maxBytes } = this.limits;
    const isFull = this.waiting.records + records > maxRecords || this.waiting.bytes + size > maxBytes;
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
    if (this.inFlight === undefined) void this.drain();
    this.deadlines.watch();
  }

  private async drain(next = this.takeBatch()): Promise<void> {
    for (let batch: SendBatch | undefined = next; batch !== undefined; batch = this.takeBatch()) {
      this.inFlight = batch;
      try {
        batch.succeed(await this.log.append(batch.records, batch.signal));
      } catch (error) {
        batch.fail(error);
      }
    }
    this.inFlight = undefined;
    this.deadlines.stop();
    this.whenIdle();
    this.settings.onIdle?.();
  }

  private takeBatch(): SendBatch | undefined {
    return this.waiting.isEmpty ? undefined : new SendBatch(this.waiting.takeBatch());
  }

  private expire(now: number, cause: Error): void {
    for (const send of this.waiting.takeExpired(now)) send.reject(new SendFailed('not-sent', cause));
    this.inFlight?.expire(now, cause);
  }
}

/** Answers a send of one record by its result. */
export function answerOne(resolve: () => void, reject: (error: Error) => void): PendingSend['resolve'] {
  return (results, place) => {
    if (results[place] === 'too-large') reject(new RecordTooLarge('The log refuses the record as too large'));
    else resolve();
  };
}

/** Answers a send of so many records by their results. */
export function answerAll(
  records: number,
  resolve: (results: readonly AppendResult[]) => void,
): PendingSend['resolve'] {
  return (results, first) => {
    resolve(results.slice(first, first + records));
  };
}
