import { usageOf } from './usage.js';

const LOOK_MS = 50;

/** The most that a process holds between two moments. */
export class MemoryWatch {
  private peak: number;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.peak = usageOf(pid).residentBytes;
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** In bytes. */
  stop(): number {
    clearInterval(this.timer);
    this.look();
    return this.peak;
  }

  private look(): void {
    this.peak = Math.max(this.peak, usageOf(this.pid).residentBytes);
  }
}

/** What a process holds when it has had nothing to do for a moment, in bytes. */
export async function settledMemory(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return usageOf(pid).residentBytes;
}
