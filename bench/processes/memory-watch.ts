import { usageOf } from './usage.js';

const POLL_MS = 50;

/** Samples the memory of a process and keeps the maximum. */
export class MemoryWatch {
  private peak: number;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.peak = usageOf(pid).residentBytes;
    this.timer = setInterval(() => this.sample(), POLL_MS);
  }

  /** Stops sampling and returns the maximum in bytes. */
  stop(): number {
    clearInterval(this.timer);
    this.sample();
    return this.peak;
  }

  private sample(): void {
    this.peak = Math.max(this.peak, usageOf(this.pid).residentBytes);
  }
}

/** The memory of a process after an idle pause, in bytes. */
export async function settledMemory(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return usageOf(pid).residentBytes;
}
