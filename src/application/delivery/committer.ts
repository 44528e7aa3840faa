import { OffsetTracker } from '../../domain/offset-tracker.js';
import type { AssignedPartition } from '../ports/record-feed.js';

/** Keeps the group's offset at the lowest unfinished record; one commit under way at a time, the latest one wins. */
export class Committer {
  readonly offsets = new OffsetTracker();
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
      for (let next = this.offsets.committable; next !== this.committed; next = this.offsets.committable) {
        if (next === undefined) return;
        await this.partition.commit(next);
        this.committed = next;
      }
    } finally {
      // In the same turn as the last look: what is finished from now on needs a commit of its own.
      this.isCatchingUp = false;
    }
  }
}
