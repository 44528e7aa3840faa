import type { CancelTimer, Clock } from '../../../application/ports/clock.js';
import type { Logger } from '../../../application/ports/telemetry.js';
import type { ConsumerPosition } from '../../../domain/delivery/consumer-position.js';
import { errorKind, isLostConnection } from '../kafka-errors.js';

export interface PartitionCommit {
  readonly partition: number;
  readonly position: ConsumerPosition;
}

/**
 * A commit costs the broker the same for one partition as for all. If a crash precedes a commit, the next owner of a
 * partition only reads some records again, which the ledger recognises.
 */
const COMMIT_EVERY_MS = 1_000;

/** Commits the positions of one consumer's partitions together, once a second. Retries a commit that fails. */
export class OffsetCommits {
  /** The latest uncommitted position of each partition. */
  private readonly pending = new Map<number, PartitionCommit>();
  private inFlight = Promise.resolve();
  private cancelTimer: CancelTimer | undefined;

  constructor(
    private readonly send: (commits: readonly PartitionCommit[]) => Promise<void>,
    /** Called after each commit that succeeded. */
    private readonly onCommitted: (commits: readonly PartitionCommit[]) => void,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Schedules a commit within a second, unless a later position of the partition replaces this one. */
  add(commit: PartitionCommit): void {
    this.pending.set(commit.partition, commit);
    this.flushLater();
  }

  /** Commits everything added so far. Resolves when that has succeeded or failed. Never rejects. */
  flush(): Promise<void> {
    // One at a time: an earlier request that arrives late must not move a partition back.
    this.inFlight = this.inFlight.then(() => this.sendPending());
    return this.inFlight;
  }

  /** Works as `flush`, but sends before it returns: a later request would belong to another generation. */
  flushNow(): Promise<void> {
    this.inFlight = Promise.all([this.inFlight, this.sendPending()]).then(() => undefined);
    return this.inFlight;
  }

  /** Drops the uncommitted positions. */
  clear(): void {
    this.pending.clear();
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private flushLater(): void {
    this.cancelTimer ??= this.clock.after(COMMIT_EVERY_MS, () => {
      this.cancelTimer = undefined;
      void this.flush();
    });
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
      const fields = { kind: errorKind(error) };
      // An outage is logged once by the checks of the brokers.
      if (!isLostConnection(error)) this.logger.warn('log.commit-failed', fields);
      else this.logger.debug('log.commit-failed', fields);
      if (this.pending.size > 0) this.flushLater();
    }
  }
}
