import type { Clock } from '../ports/clock.js';

/** Waits for changes of one inbox. A change that arrives while no call waits ends the next wait at once. */
export class Watch {
  /** The last number that was read. Without it, the watch is sometimes woken without a change. */
  position: number | undefined;
  /** The inbox may have gone back below `position`. The reader that checks it clears this. */
  mayBeAhead = false;
  /** The highest number signalled since the last wait; undefined without a signal. */
  private newsUpTo: number | undefined;
  private isEnded = false;
  private resume: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onClose: () => void,
  ) {}

  get ended(): boolean {
    return this.isEnded;
  }

  /**
   * Resolves with true if the inbox may have changed, or with false after `timeoutMs` or when the watch is closed.
   * One call at a time.
   */
  async news(timeoutMs = Infinity): Promise<boolean> {
    if (!this.hasNews && !this.isEnded) await this.pause(timeoutMs);
    const { hasNews } = this;
    this.newsUpTo = undefined;
    return hasNews && !this.isEnded;
  }

  /**
   * Wakes the reader. If `last`, the last number of the inbox, is given, wakes it only if it has not read
   * that number.
   */
  wake(last = Infinity): void {
    this.newsUpTo = Math.max(last, this.newsUpTo ?? 0);
    if (this.hasNews) this.resume?.();
  }

  /** May be called twice. */
  close(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.onClose();
    this.resume?.();
  }

  private get hasNews(): boolean {
    return this.newsUpTo !== undefined && this.newsUpTo > (this.position ?? -1);
  }

  private pause(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = timeoutMs === Infinity ? undefined : this.clock.after(timeoutMs, () => this.resume?.());
      this.resume = () => {
        this.resume = undefined;
        cancel?.();
        resolve();
      };
    });
  }
}
