import type { CancelTimer, Clock } from '../../src/application/ports/clock.js';

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** Iterations of the event loop in which promises may settle between two timers. */
const EVENT_LOOP_TURNS = 3;

/** A clock that stands still until the test advances it. Its timers follow `elapsed`, as those of a machine do. */
export class FakeClock implements Clock {
  private readonly timers = new Set<Timer>();
  /** Not 0, and far from the wall clock's time, so that a mix-up of the two shows. */
  private elapsedMs = 1_000;
  private epoch: number;

  constructor(time = 1_700_000_000_000) {
    this.epoch = time - this.elapsedMs;
  }

  get pendingTimers(): number {
    return this.timers.size;
  }

  now(): number {
    return this.epoch + this.elapsedMs;
  }

  elapsed(): number {
    return this.elapsedMs;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    const timer = { due: this.elapsedMs + Math.max(0, delayMs), callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Sets the wall clock ahead, or back with a negative number, while no time passes. */
  stepWall(ms: number): void {
    this.epoch += ms;
  }

  /** Fires due timers in the order of time, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.elapsedMs + ms;
    await settle();
    for (let next = this.earliest(end); next !== undefined; next = this.earliest(end)) {
      this.timers.delete(next);
      this.elapsedMs = Math.max(this.elapsedMs, next.due);
      next.callback();
      await settle();
    }
    this.elapsedMs = end;
  }

  private earliest(end: number): Timer | undefined {
    const due = [...this.timers].filter((timer) => timer.due <= end);
    return due.sort((a, b) => a.due - b.due)[0];
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < EVENT_LOOP_TURNS; turn += 1) await new Promise(setImmediate);
}
