import type { CancelTimer, Clock } from '../../application/ports/clock.js';
import type { Logger } from '../../application/ports/logger.js';
import type { ConsumerPosition } from '../../domain/consumer-position.js';
import { errorKind } from './kafka-errors.js';

export interface PartitionCommit {
  readonly partition: number;
  readonly position: ConsumerPosition;
}

const RETRY_AFTER_MS = 1_000;

/**
 * The commits of one consumer: what partitions ask for while one request is on its way goes out together in the next.
 * A commit that fails is repeated after a while, unless a later one has come meanwhile or the partition is gone.
 */
export class OffsetCommits {
  private readonly pending = new Map<number, PartitionCommit>();
  private underWay: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private cancelRetry: CancelTimer | undefined;

  constructor(
    private readonly send: (commits: readonly PartitionCommit[]) => Promise<void>,
    /** Told after each commit that was made. */
    private readonly onCommitted: (commits: readonly PartitionCommit[]) => void,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Resolves when the commit was made, or was tried and failed. */
  commit(commit: PartitionCommit): Promise<void> {
    this.pending.set(commit.partition, commit);
    return this.flush();
  }

  /** Resolves when what was asked for until now was committed, or was tried and failed. */
  async settled(): Promise<void> {
    await (this.next ?? this.underWay);
  }

  /** Nothing more is committed of what came before. */
  clear(): void {
    this.pending.clear();
    this.cancelRetry?.();
    this.cancelRetry = undefined;
  }

  private flush(): Promise<void> {
    this.next ??= this.afterwards();
    return this.next;
  }

  private async afterwards(): Promise<void> {
    await this.underWay;
    this.next = undefined;
    this.underWay = this.sendPending();
    await this.underWay;
  }

  private async sendPending(): Promise<void> {
    const commits = [...this.pending.values()];
    if (commits.length === 0) return;
    try {
      await this.send(commits);
      this.onCommitted(commits);
      for (const commit of commits)
        if (this.pending.get(commit.partition) === commit) this.pending.delete(commit.partition);
    } catch (error) {
      this.logger.warn('log.commit-failed', { kind: errorKind(error) });
      this.retryLater();
    }
  }

  private retryLater(): void {
    this.cancelRetry?.();
    if (this.pending.size === 0) return;
    this.cancelRetry = this.clock.after(RETRY_AFTER_MS, () => void this.flush());
  }
}
