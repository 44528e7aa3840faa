import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.js';

const PAUSE_MS = 10;
const RETRY_MS = 100;
const TIMEOUT_MS = 10_000;

/** Sends one message after the other to one recipient, each with a key, and repeats each until it is acknowledged. */
export class RetryingSender {
  /** The acknowledged messages in order; the recipient must see each once. */
  readonly sent: string[];
  retries = 0;
  private stopped = false;
  private abandoned = false;
  private readonly running: Promise<void>;

  constructor(
    readonly to: string,
    private readonly url: () => string,
    /** Earlier messages, which it continues from. */
    earlierTexts: readonly string[] = [],
  ) {
    this.sent = [...earlierTexts];
    this.running = this.run();
  }

  /** Resolves when this many more have been acknowledged. */
  async waitForMore(count: number, timeoutMs = 60_000): Promise<void> {
    const target = this.sent.length + count;
    await eventually(
      () => this.sent.length >= target,
      () => `${String(this.sent.length)} of ${String(target)} sent`,
      timeoutMs,
    );
  }

  /** Finishes the message that is in flight. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  /** Stops without repeating the message in flight, which may or may not have been accepted. */
  async abandon(): Promise<void> {
    this.abandoned = true;
    await this.stop();
  }

  private async run(): Promise<void> {
    for (let n = this.sent.length; !this.stopped; n++) {
      const text = `${this.to} number ${String(n)}`;
      const key = randomUUID();
      while (!(await this.send(text, key))) {
        if (this.abandoned) return;
        this.retries += 1;
        await sleep(RETRY_MS);
      }
      this.sent.push(text);
      await sleep(PAUSE_MS);
    }
  }

  private async send(message: string, key: string): Promise<boolean> {
    try {
      const { status } = await fetch(`${this.url()}/send-message`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ from: 'load', to: this.to, message }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return status === 201;
    } catch {
      return false;
    }
  }
}
