import { SendFailed } from '../../errors.js';
import { DeadlineTimer } from './deadline-timer.js';
import { groupBy } from '../../group-by.js';
import type { Clock } from '../../ports/clock.js';
import type {
  GroupResult,
  PartitionedLog,
  AppendResult,
  NewRecord,
  RunAnswer,
  RunQueue,
} from '../../ports/record-log.js';
import { SendBatch, type PendingSend } from './send-batch.js';
import {
  settleAll,
  settleOne,
  FULL,
  QUEUE_LIMITS,
  SHUTTING_DOWN,
  type SendQueue,
  type SendQueueSettings,
} from './send-queue.js';
import { sendRunByPartition, sizeOf } from './send-run.js';
import { QueueClosing } from './queue-closing.js';
import { SeparateQueues } from './separate-queues.js';
import { WaitingSends } from './waiting-sends.js';

/** How long the shared batch waits for a partition that does not answer. */
const PARTITION_WAIT_MS = 300;

/** The part of a shared batch that goes to one partition. */
interface Group {
  readonly partition: number;
  readonly batch: SendBatch;
  settled: boolean;
}

/**
 * Collects sends into batches that all partitions share, as `SendQueue` does. A partition that fails or does not
 * answer gets its own queue until that queue is empty, and the others continue without it. The order within a
 * partition never changes.
 */
export class PartitionedSendQueue implements RunQueue {
  private readonly waiting: WaitingSends;
  private readonly separate: SeparateQueues;
  private inFlight: readonly Group[] = [];
  private draining = false;
  private readonly deadlines: DeadlineTimer;
  private readonly closing: QueueClosing;

  constructor(
    private readonly log: PartitionedLog,
    private readonly clock: Pick<Clock, 'elapsed' | 'after'>,
    private readonly settings: SendQueueSettings,
  ) {
    this.waiting = new WaitingSends({ ...QUEUE_LIMITS, ...settings });
    this.closing = new QueueClosing(clock);
    this.deadlines = new DeadlineTimer(
      clock,
      () => this.firstDeadline,
      (now, cause) => {
        this.expire(now, cause);
      },
    );
    this.separate = new SeparateQueues(log, clock, settings, () => {
      this.checkIdle();
    });
  }

  get length(): number {
    return this.waiting.records + this.separate.length;
  }

  /** Applies to partitions without a queue of their own. */
  get rejection(): SendFailed | undefined {
    return this.rejectionOf(1, 0);
  }

  send(record: NewRecord): Promise<void> {
    const size = sizeOf(record);
    const queue = this.separateQueueOf(record);
    const rejection = this.rejectionOf(1, size, queue);
    if (rejection !== undefined) return Promise.reject(rejection);
    if (queue) return queue.send(record);
    return new Promise((resolve, reject) => {
      this.enqueue([record], size, reject, settleOne(resolve, reject));
    });
  }

  sendAll(records: readonly NewRecord[], onAnswer: (answer: RunAnswer) => void): void {
    void sendRunByPartition(records, this.log, (...accepted) => this.sendTogether(...accepted), onAnswer);
  }

  /** As `SendQueue.close`. */
  close(timeoutMs: number): Promise<void> {
    return this.closing.begin(this.isIdle, timeoutMs, () => {
      this.expire(Infinity, new Error('The program is shutting down'));
      return this.separate.close();
    });
  }

  private get isIdle(): boolean {
    return !this.draining && this.separate.size === 0;
  }

  private rejectionOf(records: number, size: number, separate?: SendQueue): SendFailed | undefined {
    if (this.closing.hasBegun) return SHUTTING_DOWN;
    if (separate) return this.separate.rejectionOf(records, size);
    return this.waiting.isFullFor(records, size) ? FULL : undefined;
  }

  private separateQueueOf(record: NewRecord): SendQueue | undefined {
    return this.separate.size > 0 ? this.separate.get(this.log.partitionOf(record)) : undefined;
  }

  /** Sends records of one partition together. */
  private sendTogether(records: readonly NewRecord[], bytes: number): Promise<readonly AppendResult[]> {
    const [first] = records;
    const queue = first && this.separateQueueOf(first);
    const rejection = this.rejectionOf(records.length, bytes, queue);
    if (rejection !== undefined) return Promise.reject(rejection);
    if (queue) return queue.sendTogether(records, bytes);
    return new Promise((resolve, reject) => {
      this.enqueue(records, bytes, reject, settleAll(records.length, resolve));
    });
  }

  private enqueue(
    records: readonly NewRecord[],
    size: number,
    reject: PendingSend['reject'],
    resolve: PendingSend['resolve'],
  ): void {
    const deadline = this.clock.elapsed() + this.settings.timeoutMs;
    this.waiting.push({ records, size, deadline, resolve, reject });
    if (!this.draining) void this.drain();
    this.deadlines.watch();
  }

  private async drain(): Promise<void> {
    this.draining = true;
    while (!this.waiting.isEmpty) {
      try {
        await this.log.ready();
      } catch (error) {
        this.failBatch(error);
        continue;
      }
      await this.share(this.takeGroups());
    }
    this.draining = false;
    this.deadlines.stop();
    this.checkIdle();
  }

  private checkIdle(): void {
    if (this.isIdle) this.closing.idle();
  }

  /** Rejects the next batch, of which nothing has been sent. */
  private failBatch(cause: unknown): void {
    const failure = cause instanceof SendFailed ? cause : new SendFailed('not-sent', cause);
    for (const send of this.waiting.takeBatch()) send.reject(failure);
  }

  private takeGroups(): Group[] {
    const sends = groupBy(this.waiting.takeBatch(), (send) => this.partitionOf(send));
    return [...sends].map(([partition, group]) => {
      return { partition, batch: new SendBatch(group), settled: false };
    });
  }

  /** Resolves when each group is answered or has moved to its own queue. */
  private async share(groups: readonly Group[]): Promise<void> {
    this.inFlight = groups;
    const results = this.log.attempt(
      groups.map(({ partition, batch }) => ({ partition, records: batch.records })),
    );
    const settling = results.map(async (result, index) => {
      this.settle(groups[index], await result);
    });
    await this.waitAtMost(Promise.all(settling));
    groups.forEach((group, index) => {
      const result = results[index];
      if (!group.settled && result) this.separateGroup(group, result);
    });
    this.inFlight = [];
  }

  private waitAtMost(settled: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(PARTITION_WAIT_MS, resolve);
      void settled.then(() => {
        cancel();
        resolve();
      });
    });
  }

  private settle(group: Group | undefined, result: GroupResult): void {
    if (group === undefined || group.settled) return;
    const { batch } = group;
    if (result === 'appended') batch.succeed(batch.records.map(() => 'appended'));
    else if (result === 'too-large' && batch.records.length === 1) batch.succeed(['too-large']);
    else {
      this.separateGroup(group, Promise.resolve(result));
      return;
    }
    group.settled = true;
  }

  private separateGroup(group: Group, result: Promise<GroupResult>): void {
    const { partition, batch } = group;
    group.settled = true;
    const waiting = this.waiting.takeWhere((send) => this.partitionOf(send) === partition);
    this.separate.open({ partition, batch, result, waiting });
  }

  private partitionOf({ records }: PendingSend): number {
    const [record] = records;
    return record === undefined ? 0 : this.log.partitionOf(record);
  }

  private get firstDeadline(): number | undefined {
    let first = this.waiting.firstDeadline;
    for (const { settled, batch } of this.inFlight) {
      if (!settled && batch.deadline !== undefined) first = Math.min(first ?? Infinity, batch.deadline);
    }
    return first;
  }

  private expire(now: number, cause: Error): void {
    for (const send of this.waiting.takeExpired(now)) send.reject(new SendFailed('not-sent', cause));
    for (const { batch, settled } of this.inFlight) if (!settled) batch.expire(now, cause);
  }
}
