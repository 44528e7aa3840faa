import { OffsetTracker } from '../../domain/offset-tracker.js';
import type { AssignedPartition } from '../ports/record-feed.js';
import type { LogRecord } from '../ports/record-log.js';

/** Keeps the group's offset at the lowest unfinished record; one commit under way at a time, the latest one wins. */
export class Committer {
  readonly offsets = new OffsetTracker<LogRecord>();
  private committed: number | undefined;
  private isCatchingUp = false;
  private underWay = Promise.resolve();

  constructor(private readonly partition: AssignedPartition) {}

  /** Resolves when what is finished now has been committed. */
  commit(): Promise<void> {
    if (!this.isCatchingUp) this.underWay = this.catchUp();
    return this.underWay;
  }

  private async catchUp(): Promise<void> {
    this.isCatchingUp = true;
    try {
      for (;;) {
        const { finished } = this.offsets;
        if (finished === undefined || finished.next === this.committed) break;
        await this.partition.commit(finished.next, finished.last);
        this.committed = finished.next;
      }
      this.offsets.letGo();
    } finally {
      // In the same turn as the last look: what is finished from now on needs a commit of its own.
      this.isCatchingUp = false;
    }
  }
}
