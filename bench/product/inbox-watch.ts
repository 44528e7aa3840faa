import type { StoredMessages } from './stored-messages.js';

const POLL_MS = 5;

/** Polls the database for when each inbox reaches a number. Times are in milliseconds since the epoch. */
export class InboxWatch {
  private readonly seen = new Map<string, { readonly at: number; readonly last: number }[]>();
  private readonly watching: Promise<void>;
  private isOver = false;

  constructor(private readonly stored: StoredMessages) {
    this.watching = this.watch();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.watching;
  }

  /** When a message was first seen in the inbox; undefined if that was before the watch began. */
  arrivalOf(client: string, number: number): number | undefined {
    const observations = this.seen.get(client) ?? [];
    const place = observations.findIndex(({ last }) => last >= number);
    return place > 0 ? observations[place]?.at : undefined;
  }

  private async watch(): Promise<void> {
    while (!this.isOver) {
      const lasts = await this.stored.lastNumbers();
      const at = performance.timeOrigin + performance.now();
      for (const [client, last] of lasts) this.note(client, at, last);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private note(client: string, at: number, last: number): void {
    const observations = this.seen.get(client) ?? [];
    if (observations.at(-1)?.last !== last) observations.push({ at, last });
    this.seen.set(client, observations);
  }
}
