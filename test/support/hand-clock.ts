import type { CancelTimer, Clock } from '../../src/application/ports/clock.js';

/** A clock whose time is set and whose timers fire when the test says so. */
export class HandClock implements Clock {
  time = 1_000_000;
  private readonly timers = new Map<() => void, number>();

  now(): number {
    return this.time;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    const timer = () => {
      callback();
    };
    this.timers.set(timer, this.time + delayMs);
    return () => this.timers.delete(timer);
  }

  get pending(): number {
    return this.timers.size;
  }

  pass(ms: number): void {
    this.time += ms;
    for (const [timer, due] of [...this.timers]) {
      if (due > this.time) continue;
      this.timers.delete(timer);
      timer();
    }
  }
}
