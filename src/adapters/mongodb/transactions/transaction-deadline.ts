import { DependencyUnavailable } from '../../../application/errors.js';
import type { Clock } from '../../../application/ports/clock.js';

/** No repeat of a transaction's work or commit starts later than this after its first try began. */
const REPEAT_MS = 15_000;
/**
 * The caller waits no longer. A call to a frozen server ends only when its socket times out, and the driver repeats a
 * commit by itself, also after `REPEAT_MS`.
 */
const GIVE_UP_MS = 24_000;

class TransactionTimedOut extends Error {
  override readonly name = 'TransactionTimedOut';
}

/** The time that one transaction has, with all its repeats. */
export class TransactionDeadline {
  private readonly began: number;
  private isOver = false;

  constructor(private readonly clock: Clock) {
    this.began = clock.elapsed();
  }

  get mayRepeat(): boolean {
    return !this.isOver && this.clock.elapsed() - this.began < REPEAT_MS;
  }

  /** Stops what would still go on after the caller was given its answer. */
  requireCaller(): void {
    if (this.isOver) throw timedOut();
  }

  requireTimeToRepeat(): void {
    if (!this.mayRepeat) throw timedOut();
  }

  /** Settles as `running` does, or rejects as an outage when the time is over; `onOver` is called first. */
  bound<T>(running: Promise<T>, onOver: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(GIVE_UP_MS, () => {
        this.isOver = true;
        onOver();
        reject(timedOut());
      });
      void running.finally(cancel).then(resolve, reject);
    });
  }
}

function timedOut(): DependencyUnavailable {
  return new DependencyUnavailable('store', new TransactionTimedOut('MongoDB did not confirm it in time'));
}
