import type { CancelTimer, Clock } from '../../src/application/ports/clock.js';

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** Turns of the event loop that promises get to settle in between two timers. */
const TURNS = 3;

/** A clock that stands still until the test advances it. */
export class FakeClock implements Clock {
  private readonly timers = new Set<Timer>();

  constructor(private time = 1_700_000_000_000) {}

  get pendingTimers(): number {
    return this.timers.size;
  }

  now(): number {
    return this.time;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    const timer = { due: this.time + Math.max(0, delayMs), callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Fires what falls due on the way, in the order of time, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (let next = this.earliest(end); next !== undefined; next = this.earliest(end)) {
      this.timers.delete(next);
      this.time = Math.max(this.time, next.due);
      next.callback();
      await settle();
    }
    this.time = end;
  }

  private earliest(end: number): Timer | undefined {
    const due = [...this.timers].filter((timer) => timer.due <= end);
    return due.sort((a, b) => a.due - b.due)[0];
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise(setImmediate);
}
