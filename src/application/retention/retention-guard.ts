import { DependencyUnavailable } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { LogRetention } from '../ports/retention/log-retention.js';
import { sleep } from '../timing.js';

/** How long something is kept, and the setting that says so. */
export interface TimeToLive {
  readonly what: 'messages' | 'failures';
  readonly variable: string;
  readonly ms: number;
}

/** What is swept could come back from the log, and be stored again as new. */
export class RetentionConflict extends Error {
  override readonly name = 'RetentionConflict';

  constructor({ variable, ms }: TimeToLive, retentionMs: number) {
    const log =
      retentionMs === Infinity ? 'keeps messages without limit' : `keeps messages ${days(retentionMs)}`;
    super(`${variable} must exceed the log's retention: it is ${days(ms)}, and the log ${log}`);
  }
}

const RETRY_MS = 5_000;
const DAY_MS = 86_400_000;

/** Nothing is swept, and no record taken for expired, before the log's retention is known to be the shorter time. */
export class RetentionGuard {
  private checking: Promise<void> | undefined;
  private hasPassed: boolean;

  constructor(
    private readonly timesToLive: readonly TimeToLive[],
    private readonly log: LogRetention,
    private readonly clock: Clock,
  ) {
    this.hasPassed = timesToLive.length === 0;
  }

  get passed(): boolean {
    return this.hasPassed;
  }

  /** Resolves when the times agree; rejects with `RetentionConflict`. Waits for a log that cannot be reached. */
  check(): Promise<void> {
    this.checking ??= this.hasPassed ? Promise.resolve() : this.compare();
    return this.checking;
  }

  private async compare(): Promise<void> {
    const retentionMs = await this.retention();
    const conflict = this.timesToLive.find(({ ms }) => ms <= retentionMs);
    if (conflict) throw new RetentionConflict(conflict, retentionMs);
    this.hasPassed = true;
  }

  private async retention(): Promise<number> {
    for (;;) {
      try {
        return await this.log.ofMessages();
      } catch (error) {
        if (!(error instanceof DependencyUnavailable)) throw error;
        await sleep(this.clock, RETRY_MS);
      }
    }
  }
}

function days(ms: number): string {
  return `${String(Math.round((ms / DAY_MS) * 1_000) / 1_000)} days`;
}
