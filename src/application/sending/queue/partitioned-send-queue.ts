import { SendFailed } from '../../errors.js';
import { DeadlineTimer } from './deadline-timer.js';
import type { Clock } from '../../ports/clock.js';
import type { GroupResult, PartitionedLog } from '../../ports/log/partitioned-log.js';
import type { NewRecord } from '../../ports/log/record-log.js';
import type { MessageQueue } from '../../ports/log/record-sender.js';
import { SendBatch, type PendingSend } from './send-batch.js';
import {
  answerOne,
  FULL,
  QUEUE_LIMITS,
  SHUTTING_DOWN,
  sizeOf,
  type SendQueueSettings,
} from './send-queue.js';
import { SeparateQueues } from './separate-queues.js';
import { WaitingSends } from './waiting-sends.js';

/** How long the shared batch waits for a partition that does not answer. */
const PATIENCE_MS = 300;

/** The part of a shared batch that goes to one partition. */
interface Group {
  readonly partition: number;
  readonly batch: SendBatch;
  settled: boolean;
}

/**
 * Gathers sends into batches that all partitions share, as `SendQueue` does, until a partition fails or does not
 * answer: that partition gets a queue of its own until it is empty, and the others go on without it. The order within a
 * partition never changes.
 */
export class PartitionedSendQueue implements MessageQueue {
  private readonly waiting = new WaitingSends();
  private readonly separate: SeparateQueues;
  /** Made once: every send looks at them. */
  private readonly limits: typeof QUEUE_LIMITS;
  private inFlight: readonly Group[] = [];
  private draining = false;
  private readonly deadlines: DeadlineTimer;
  private closing: Promise<void> | undefined;
  private whenIdle: () => void = () => undefined;

  constructor(
    private readonly log: PartitionedLog,
    private readonly clock: Pick<Clock, 'elapsed' | 'after'>,
    private readonly settings: SendQueueSettings,
  ) {
    this.limits = { ...QUEUE_LIMITS, ...settings };
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

  /** Of a partition that is not separate. */
  get rejection(): SendFailed | undefined {
    return this.rejectionOf(0);
  }

  send(record: NewRecord): Promise<void> {
    const size = sizeOf(record);
    const queue = this.separate.size > 0 ? this.separate.get(this.log.partitionOf(record)) : undefined;
    const rejection = queue ? this.rejectionOfSeparate(size) : this.rejectionOf(size);
    if (rejection !== undefined) return Promise.reject(rejection);
    if (queue) return queue.send(record);
    return new Promise((resolve, reject) => {
      const deadline = this.clock.elapsed() + this.settings.timeoutMs;
      const answer = answerOne(resolve, reject);
      this.waiting.push({ records: [record], size, deadline, resolve: answer, reject });
      if (!this.draining) void this.drain();
      this.deadlines.watch();
    });
  }

  /** As `SendQueue` does. */
  close(timeoutMs: number): Promise<void> {
    this.closing ??= new Promise((resolve) => {
      if (this.isIdle) {
        resolve();
        return;
      }
      const cancel = this.clock.after(timeoutMs, () => {
        this.expire(Infinity, new Error('The program is shutting down'));
        void this.separate.close().then(resolve);
      });
      this.whenIdle = () => {
        cancel();
        resolve();
      };
    });
    return this.closing;
  }

  private get isIdle(): boolean {
    return !this.draining && this.separate.size === 0;
  }

  private rejectionOf(size: number): SendFailed | undefined {
    if (this.closing) return SHUTTING_DOWN;
    const { maxRecords, maxBytes } = this.limits;
    const isFull = this.waiting.records >= maxRecords || this.waiting.bytes + size > maxBytes;
    return isFull ? FULL : undefined;
  }

  private rejectionOfSeparate(size: number): SendFailed | undefined {
    return this.closing ? SHUTTING_DOWN : this.separate.rejectionOf(size);
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
    if (this.isIdle) this.whenIdle();
  }

  /** Of the sends that would have gone next, nothing has been sent. */
  private failBatch(cause: unknown): void {
    const failure = cause instanceof SendFailed ? cause : new SendFailed('not-sent', cause);
    for (const send of this.waiting.takeBatch()) send.reject(failure);
  }

  private takeGroups(): Group[] {
    const sends = new Map<number, PendingSend[]>();
    for (const send of this.waiting.takeBatch()) {
      const partition = this.partitionOf(send);
      const group = sends.get(partition);
      if (group) group.push(send);
      else sends.set(partition, [send]);
    }
    return [...sends].map(([partition, group]) => ({
      partition,
      batch: new SendBatch(group),
      settled: false,
    }));
  }

  /** Resolves when each group is answered or has moved to a queue of its own. */
  private async share(groups: readonly Group[]): Promise<void> {
    this.inFlight = groups;
    const results = this.log.attempt(
      groups.map(({ partition, batch }) => ({ partition, records: batch.records })),
    );
    const settling = results.map(async (result, index) => {
      this.settle(groups[index], await result);
    });
    await this.withPatience(Promise.all(settling));
    groups.forEach((group, index) => {
      const result = results[index];
      if (!group.settled && result) this.separateGroup(group, result);
    });
    this.inFlight = [];
  }

  private withPatience(settled: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(PATIENCE_MS, resolve);
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
