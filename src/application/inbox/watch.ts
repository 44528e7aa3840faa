import type { Clock } from '../ports/clock.js';

/** Waits for changes of one inbox. A change that arrives while no call waits ends the next wait at once. */
export class Watch {
  /** The last number that was read. Without it, the watch is sometimes woken without a change. */
  position: number | undefined;
  /** The inbox may have gone back below `position`. The reader that checks it clears this. */
  mayBeAhead = false;
  private hasNews = false;
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
    const hadNews = this.hasNews;
    this.hasNews = false;
    return hadNews && !this.isEnded;
  }

  wake(): void {
    this.hasNews = true;
    this.resume?.();
  }

  /** May be called twice. */
  close(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.onClose();
    this.resume?.();
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
