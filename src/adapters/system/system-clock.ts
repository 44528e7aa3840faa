import type { CancelTimer, Clock } from '../../application/ports/clock.js';

// The longest delay of setTimeout; a longer one would fire at once.
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The clock and timers of this machine. */
export class SystemClock implements Clock {
  now(): number {
    // eslint-disable-next-line no-restricted-syntax -- the one place that reads it
    return Date.now();
  }

  elapsed(): number {
    return performance.now();
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    return delayMs > 0 ? this.later(delayMs, callback) : soon(callback);
  }

  private later(delayMs: number, callback: () => void): CancelTimer {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const partMs = Math.min(leftMs, LONGEST_TIMEOUT_MS);
      timer = setTimeout(() => {
        if (leftMs > partMs) wait(leftMs - partMs);
        else callback();
      }, partMs);
    };
    wait(delayMs);
    return () => {
      clearTimeout(timer);
    };
  }
}

/** A timer of Node waits a millisecond at least. */
function soon(callback: () => void): CancelTimer {
  const immediate = setImmediate(callback);
  return () => {
    clearImmediate(immediate);
  };
}
