import type { StoredMessages } from './stored-messages.js';

const POLL_MS = 5;

/**
 * Polls the database to find out when each inbox reaches a number. Times are in milliseconds since the epoch.
 */
export class InboxWatch {
  private readonly observations = new Map<string, { readonly at: number; readonly last: number }[]>();
  private readonly watching: Promise<void>;
  private isStopped = false;

  constructor(private readonly stored: StoredMessages) {
    this.watching = this.watch();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.watching;
  }

  /** When a message was first seen in the inbox; undefined if that was before the watch began. */
  arrivalOf(client: string, number: number): number | undefined {
    const observations = this.observations.get(client) ?? [];
    const index = observations.findIndex(({ last }) => last >= number);
    return index > 0 ? observations[index]?.at : undefined;
  }

  private async watch(): Promise<void> {
    while (!this.isStopped) {
      const lastNumbers = await this.stored.lastNumbers();
      const at = performance.timeOrigin + performance.now();
      for (const [client, last] of lastNumbers) this.record(client, at, last);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private record(client: string, at: number, last: number): void {
    const observations = this.observations.get(client) ?? [];
    if (observations.at(-1)?.last !== last) observations.push({ at, last });
    this.observations.set(client, observations);
  }
}
