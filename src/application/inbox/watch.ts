import type { Clock } from '../ports/clock.js';

/** One who waits for news of one inbox. News that come while nobody waits are kept: they end the next wait at once. */
export class Watch {
  /** The last number that was read. Who leaves it out is woken, now and then, for nothing. */
  position: number | undefined;
  /** The inbox may have gone back behind `position`. Cleared by the reader that checks it. */
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

  /** Resolves with whether there may be news: not when the time is over or the watch is closed. One call at a time. */
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
