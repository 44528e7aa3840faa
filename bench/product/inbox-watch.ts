import type { StoredMessages } from './stored-messages.js';

const LOOK_MS = 5;

/** When each inbox was first seen to reach a number, in milliseconds of the epoch: looked at from outside, again and again. */
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

  /** When a message of this inbox was seen to be in it; undefined where that was before the watch began. */
  arrivalOf(client: string, number: number): number | undefined {
    const looks = this.seen.get(client) ?? [];
    const place = looks.findIndex(({ last }) => last >= number);
    return place > 0 ? looks[place]?.at : undefined;
  }

  private async watch(): Promise<void> {
    while (!this.isOver) {
      const lasts = await this.stored.lastNumbers();
      const at = performance.timeOrigin + performance.now();
      for (const [client, last] of lasts) this.note(client, at, last);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  private note(client: string, at: number, last: number): void {
    const looks = this.seen.get(client) ?? [];
    if (looks.at(-1)?.last !== last) looks.push({ at, last });
    this.seen.set(client, looks);
  }
}
