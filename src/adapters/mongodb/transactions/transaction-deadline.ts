import { DependencyUnavailable } from '../../../application/errors.js';
import type { Clock } from '../../../application/ports/clock.js';

/** No repeat of a transaction's work or commit starts later than this after the first attempt began. */
const RETRY_LIMIT_MS = 15_000;
/**
 * The longest time that a caller waits. A call to a frozen server ends only when its socket times out, and the
 * driver repeats a commit by itself, even after `RETRY_LIMIT_MS`.
 */
const TIMEOUT_MS = 24_000;

class TransactionTimedOut extends Error {
  override readonly name = 'TransactionTimedOut';
}

/** The time limit of one transaction, including its repeats. */
export class TransactionDeadline {
  private readonly startedAt: number;
  private hasTimedOut = false;

  constructor(private readonly clock: Clock) {
    this.startedAt = clock.elapsed();
  }

  get mayRepeat(): boolean {
    return !this.hasTimedOut && this.clock.elapsed() - this.startedAt < RETRY_LIMIT_MS;
  }

  /** Throws if the caller has already been rejected, so that its transaction stops. */
  requireCaller(): void {
    if (this.hasTimedOut) throw timedOut();
  }

  requireTimeToRepeat(): void {
    if (!this.mayRepeat) throw timedOut();
  }

  /** Settles as `running` does. When the time is over, calls `onTimeout` and rejects as an outage. */
  bound<T>(running: Promise<T>, onTimeout: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(TIMEOUT_MS, () => {
        this.hasTimedOut = true;
        onTimeout();
        reject(timedOut());
      });
      void running.finally(cancel).then(resolve, reject);
    });
  }
}

function timedOut(): DependencyUnavailable {
  return new DependencyUnavailable('store', new TransactionTimedOut('MongoDB did not confirm it in time'));
}
