import type { Clock } from '../../../application/ports/clock.js';
import type { Assignment } from './assignment.js';
import type { TopicWatermarks } from '../topics/watermarks.js';

/** A consumer without progress for this time is replaced. */
export const STALLED_AFTER_MS = 60_000;

/** `fetching`: the brokers answered without records (because of another program's open transaction, say). */
export interface Stall {
  readonly what: string;
  readonly fetching: boolean;
}

/** Detects a group member that does not join, or that receives nothing although there are records to read. */
export class Liveness {
  private joined = false;
  private joiningSince: number;
  private fetchedAt = -Infinity;

  constructor(private readonly clock: Pick<Clock, 'elapsed'>) {
    this.joiningSince = clock.elapsed();
  }

  hasJoined(): void {
    this.joined = true;
  }

  isJoining(): void {
    this.joined = false;
    this.joiningSince = this.clock.elapsed();
  }

  hasFetched(): void {
    this.fetchedAt = this.clock.elapsed();
  }

  /** Returns the stall, if any. Must be called every few seconds; `ends` is undefined while the log does not answer. */
  stall(partitions: readonly Assignment[], ends: TopicWatermarks | undefined): Stall | undefined {
    const now = this.clock.elapsed();
    if (ends === undefined) {
      this.joiningSince = now;
      for (const assignment of partitions) assignment.excuse();
      return undefined;
    }
    if (!this.joined) {
      if (now - this.joiningSince < STALLED_AFTER_MS) return undefined;
      return { what: 'It did not get into the group', fetching: false };
    }
    // A partition whose leader does not answer cannot make progress.
    for (const assignment of partitions) if (!ends.has(assignment.partition)) assignment.excuse();
    const quiet = partitions.filter((a) => a.quietFor(ends.get(a.partition)?.high) >= STALLED_AFTER_MS);
    if (quiet.length === 0) return undefined;
    const names = quiet.map(({ partition }) => partition).join(', ');
    return { what: `No progress in partition ${names}`, fetching: now - this.fetchedAt < STALLED_AFTER_MS };
  }
}
