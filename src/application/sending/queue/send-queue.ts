import { RecordTooLarge, SendFailed } from '../../errors.js';
import { DeadlineTimer } from './deadline-timer.js';
import type { Clock } from '../../ports/clock.js';
import type { AppendResult, NewRecord, RecordLog, RunAnswer, RunQueue } from '../../ports/record-log.js';
import { SendBatch, type PendingSend } from './send-batch.js';
import { sendRun, sizeOf } from './send-run.js';
import { QueueClosing } from './queue-closing.js';
import { WaitingSends, type QueueLimits } from './waiting-sends.js';

/** The limits hold for waiting records, without the batch in flight. */
export interface SendQueueSettings extends Partial<QueueLimits> {
  /** The time limit of a send. */
  readonly timeoutMs: number;
  /** Called each time the queue becomes empty. */
  readonly onIdle?: () => void;
}

export const QUEUE_LIMITS: QueueLimits = { maxRecords: 20_000, maxBytes: 64 * 1024 * 1024 };

// Created once because under overload, creating errors would be most of the work.
export const FULL = new SendFailed('not-sent', new Error('Too many sends are waiting for the log'));
export const SHUTTING_DOWN = new SendFailed('not-sent', new Error('The program is shutting down'));

/**
 * Collects sends into batches. A send goes at once if nothing is in flight, otherwise in the next batch with all
 * sends that have arrived since. So the log's speed determines the size of batches, and an idle log adds no delay.
 */
export class SendQueue implements RunQueue {
  private readonly waiting: WaitingSends;
  private inFlight: SendBatch | undefined;
  private readonly deadlines: DeadlineTimer;
  private readonly closing: QueueClosing;

  constructor(
    private readonly log: RecordLog,
    private readonly clock: Pick<Clock, 'elapsed' | 'after'>,
    private readonly settings: SendQueueSettings,
  ) {
    this.waiting = new WaitingSends({ ...QUEUE_LIMITS, ...settings });
    this.closing = new QueueClosing(clock);
    // All sends have the same time limit, so the oldest has the earliest deadline.
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

  /** The bytes of the records that wait for their append. */
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
      this.enqueue([record], size, reject, settleOne(resolve, reject));
    });
  }

  sendAll(records: readonly NewRecord[], onAnswer: (answer: RunAnswer) => void): void {
    const sent = sendRun(records, (accepted, bytes) => this.sendTogether(accepted, bytes));
    void sent.then((results) => {
      onAnswer({ places: [...records.keys()], results });
    });
  }

  /** Sends records in one append. Resolves with one result per record. */
  sendTogether(records: readonly NewRecord[], bytes: number): Promise<readonly AppendResult[]> {
    const rejection = this.rejectionOf(records.length, bytes);
    if (rejection !== undefined) return Promise.reject(rejection);
    return new Promise((resolve, reject) => {
      this.enqueue(records, bytes, reject, settleAll(records.length, resolve));
    });
  }

  /**
   * Takes over sends that another queue accepted, with their deadlines: a batch in flight and the sends after it.
   * Call it before anything else is sent. The sends may exceed the queue's limits.
   */
  adopt(inFlight: SendBatch, waiting: readonly PendingSend[]): void {
    for (const send of waiting) this.waiting.push(send);
    void this.drain(inFlight);
    this.deadlines.watch();
  }

  /**
   * Rejects new sends and resolves when every accepted one is answered. After `timeoutMs`, waiting sends are
   * rejected as `not-sent` and those in flight as `unknown`. The log stays open. May be called twice.
   */
  close(timeoutMs: number): Promise<void> {
    return this.closing.begin(this.inFlight === undefined, timeoutMs, () => {
      this.expire(Infinity, new Error('The program is shutting down'));
    });
  }

  private rejectionOf(records: number, size: number): SendFailed | undefined {
    if (this.closing.hasBegun) return SHUTTING_DOWN;
    return this.waiting.isFullFor(records, size) ? FULL : undefined;
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
    this.closing.idle();
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

/** Answers a send of one record with its result. */
export function settleOne(resolve: () => void, reject: (error: Error) => void): PendingSend['resolve'] {
  return (results, place) => {
    if (results[place] === 'too-large') reject(new RecordTooLarge('The log refuses the record as too large'));
    else resolve();
  };
}

/** Answers a send of several records with their results. */
export function settleAll(
  records: number,
  resolve: (results: readonly AppendResult[]) => void,
): PendingSend['resolve'] {
  return (results, first) => {
    resolve(results.slice(first, first + records));
  };
}
