import type { SendFailed } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { GroupResult, PartitionedLog } from '../../ports/record-log.js';
import { ResumedLog } from './resumed-log.js';
import type { PendingSend, SendBatch } from './send-batch.js';
import { FULL, QUEUE_LIMITS, SendQueue, type SendQueueSettings } from './send-queue.js';
import type { QueueLimits } from './waiting-sends.js';

/** The shares of a send queue's space that one separate partition, and all of them together, may use. */
const QUEUE_SHARE = 1 / 4;
const TOTAL_SHARE = 1 / 2;

/** The sends that a partition moves into a queue of its own. */
export interface Separated {
  readonly partition: number;
  readonly batch: SendBatch;
  /** The result of the attempt to write `batch`. */
  readonly result: Promise<GroupResult>;
  /** The sends after `batch`. */
  readonly waiting: readonly PendingSend[];
}

/** The queues of partitions that failed or did not answer. Each has its own log and exists until it is empty. */
export class SeparateQueues {
  private readonly queues = new Map<number, SendQueue>();
  private readonly limits: QueueLimits;

  constructor(
    private readonly log: PartitionedLog,
    private readonly clock: Pick<Clock, 'elapsed' | 'after'>,
    private readonly settings: SendQueueSettings,
    /** Called when the last queue is removed. */
    private readonly onNone: () => void,
  ) {
    this.limits = { ...QUEUE_LIMITS, ...settings };
  }

  get size(): number {
    return this.queues.size;
  }

  /** Records that wait for their append. */
  get length(): number {
    return this.total((queue) => queue.length);
  }

  get(partition: number): SendQueue | undefined {
    return this.queues.get(partition);
  }

  /**
   * Returns the error with which every queue would reject such a send, because all of them together use too
   * much space.
   */
  rejectionOf(records: number, size: number): SendFailed | undefined {
    const { maxRecords, maxBytes } = this.limits;
    const bytes = this.total((queue) => queue.bytes);
    const isFull = this.length + records > maxRecords * TOTAL_SHARE || bytes + size > maxBytes * TOTAL_SHARE;
    return isFull ? FULL : undefined;
  }

  open({ partition, batch, result, waiting }: Separated): void {
    const { maxRecords, maxBytes } = this.limits;
    const log = new ResumedLog(this.log.partition(partition), result);
    const queue = new SendQueue(log, this.clock, {
      timeoutMs: this.settings.timeoutMs,
      maxRecords: maxRecords * QUEUE_SHARE,
      maxBytes: maxBytes * QUEUE_SHARE,
      onIdle: () => {
        this.queues.delete(partition);
        void log.close();
        if (this.queues.size === 0) this.onNone();
      },
    });
    this.queues.set(partition, queue);
    queue.adopt(batch, waiting);
  }

  /** Answers every send that still waits. */
  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close(0)));
  }

  private total(of: (queue: SendQueue) => number): number {
    let total = 0;
    for (const queue of this.queues.values()) total += of(queue);
    return total;
  }
}
