import { DependencyUnavailable } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { LogRetention } from '../ports/record-log.js';
import { backoff } from '../timing.js';

/** A time to live and the setting that configures it. */
export interface TimeToLive {
  readonly what: 'messages' | 'failures';
  readonly variable: string;
  readonly ms: number;
}

/** A time to live is not longer than the log's retention, so swept messages could be delivered again as new ones. */
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

/** Blocks sweeps and the expiry of records until every time to live is known to exceed the log's retention. */
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

  /**
   * Resolves when every time to live exceeds the retention; rejects with `RetentionConflict`. Waits for an
   * unreachable log.
   */
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

  private retention(): Promise<number> {
    return backoff(() => this.log.ofMessages(), {
      clock: this.clock,
      delayMs: () => RETRY_MS,
      canBeRetried: (error) => error instanceof DependencyUnavailable,
    });
  }
}

function days(ms: number): string {
  return `${String(Math.round((ms / DAY_MS) * 1_000) / 1_000)} days`;
}
