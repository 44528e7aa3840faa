import type { CancelTimer, Clock } from '../../../application/ports/clock.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { ConsumerPosition } from '../../../domain/delivery/consumer-position.js';
import { errorKind } from '../kafka-errors.js';

export interface PartitionCommit {
  readonly partition: number;
  readonly position: ConsumerPosition;
}

/**
 * A commit costs the broker the same for one partition as for all of them. A late one only makes the next owner of a
 * partition read some records again after a crash, and the ledger recognises those.
 */
const COMMIT_EVERY_MS = 1_000;

/** Commits the positions of one consumer's partitions together, once a second. A commit that fails is repeated. */
export class OffsetCommits {
  /** Not committed yet, the latest position of each partition. */
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

  /** To be committed within a second, unless a later position of the partition comes first. */
  add(commit: PartitionCommit): void {
    this.pending.set(commit.partition, commit);
    this.flushLater();
  }

  /** Resolves when everything added until now was committed, or was tried and failed. Never rejects. */
  flush(): Promise<void> {
    // One after the other: an earlier request that is answered late must not set a partition back.
    this.inFlight = this.inFlight.then(() => this.sendPending());
    return this.inFlight;
  }

  /** As `flush`, but sends before it returns: a moment later, the request would belong to another generation. */
  flushNow(): Promise<void> {
    this.inFlight = Promise.all([this.inFlight, this.sendPending()]).then(() => undefined);
    return this.inFlight;
  }

  /** Nothing more is committed of what was added before. */
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
      this.logger.warn('log.commit-failed', { kind: errorKind(error) });
      if (this.pending.size > 0) this.flushLater();
    }
  }
}
